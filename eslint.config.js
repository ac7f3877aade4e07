import js from "@eslint/js";

export default [
  { ignores: ["**/_build/", ".venv*/", "dist/"] },
  js.configs.recommended,
  {
    linterOptions: { reportUnusedDisableDirectives: "error" },
    rules: {
      eqeqeq: "error",
      "no-undef": "off", // the types know the browser's names
      "no-var": "error",
      "prefer-const": "error",
    },
  },
];
