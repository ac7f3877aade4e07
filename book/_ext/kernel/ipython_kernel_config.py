"""Settings of the kernels that execute the pages (kernel_environment.py).

Figures are drawings whose letters are text, so that a page can show them in its own font and
colours (drawn_figures.py). Parts that are pixels have enough of them for fine screens.
"""

c = get_config()  # noqa: F821 (the kernel defines it for this file)
c.InlineBackend.figure_formats = {"svg"}
c.InlineBackend.rc = {"svg.fonttype": "none"}
c.InlineBackend.print_figure_kwargs = {"bbox_inches": "tight", "dpi": 220}
