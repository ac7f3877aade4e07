"""What the browser does to an explorer of either kind: look, press, drag, and play the kernel."""

# Note in a list whatever is drawn with a number that is none.
SPY = """() => {
  window.wrong = [];
  const names = "moveTo lineTo arc fillRect rect fillText translate drawImage".split(" ");
  for (const name of names) {
    const method = CanvasRenderingContext2D.prototype[name];
    CanvasRenderingContext2D.prototype[name] = function (...values) {
      const bad = values.some((value) => typeof value === "string"
        ? /NaN|Infinity|undefined/.test(value)
        : typeof value === "number" && !Number.isFinite(value));
      if (bad) window.wrong.push(`${name} ${values}`);
      return method.apply(this, values);
    };
  }
}"""

# A widget in a section of its own, whose kernel is an object with these traits.
MOUNT = """(traits) => {
  const listeners = new Map();
  window.kernel = {
    traits,
    saved: 0,
    get: (name) => traits[name],
    set: (name, value) => { traits[name] = value; },
    save_changes: () => { window.kernel.saved += 1; },
    on: (event, callback) => listeners.set(event, callback),
    off: (event) => listeners.delete(event),
    tell: (name, value) => { traits[name] = value; listeners.get(`change:${name}`)(); },
    listeners,
  };
  const el = document.createElement("section");
  document.body.append(el);
  window.leave = render({ model: window.kernel, el });
}"""


def headline(page):
    """What the first explorer of a page says."""
    return page.locator(".ge-headline").inner_text()


def drag_by_finger(page, place, right, up=0):
    """Put a finger on the middle of an element, draw it by so many pixels, and lift it."""
    box = place.bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    touch = page.context.new_cdp_session(page)
    for kind, part in [("Start", 0), ("Move", 0.3), ("Move", 0.6), ("Move", 1), ("End", None)]:
        points = [] if part is None else [{"x": x + part * right, "y": y - part * up}]
        touch.send("Input.dispatchTouchEvent", {"type": f"touch{kind}", "touchPoints": points})


def middles(page, view):
    """The colour in the middle of every cell of the table that a view shows, by its name."""
    return page.evaluate(
        """(view) => {
          const { answers: { canvas, context, width }, recording } = window[view];
          const { modulus, cells } = recording;
          const size = (width - 22) / modulus;
          const scale = canvas.width / width;
          return Array.from({ length: cells }, (_, cell) => {
            const x = scale * (22 + size * ((cell % modulus) + 0.5));
            const y = scale * (22 + size * (Math.floor(cell / modulus) + 0.5));
            return [...context.getImageData(x, y, 1, 1).data].join();
          });
        }""",
        view,
    )
