"""Grouped bars with whiskers (the rounds' least and most) as SVG."""

from xml.sax.saxutils import escape

WIDTH, HEIGHT = 640, 320
LEFT, RIGHT, TOP, BOTTOM = 64, 16, 56, 48
COLOURS = ("#1f6fb4", "#c2703d")


def bars(title, unit, categories, series):
    """`series` maps a name to one (middle, least, most) for each category."""
    top = nice(max(most for bars in series.values() for _, _, most in bars))
    plot_height = HEIGHT - TOP - BOTTOM
    group = (WIDTH - LEFT - RIGHT) / len(categories)
    width = group * 0.7 / len(series)

    def y(value):
        return TOP + plot_height * (1 - value / top)

    out = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" '
        f'width="{WIDTH}" height="{HEIGHT}" font-family="sans-serif" font-size="12">',
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#ffffff"/>',
        text(LEFT, 20, title, "start", size=15),
    ]
    for i in range(5):
        value = top * i / 4
        out.append(
            f'<line x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y(value):.1f}" y2="{y(value):.1f}" '
            f'stroke="#dddddd"/>'
        )
        out.append(text(LEFT - 6, y(value) + 4, short(value), "end"))
    for at, (name, values) in enumerate(series.items()):
        colour = COLOURS[at % len(COLOURS)]
        x_legend = LEFT + 150 * at
        out.append(f'<rect x="{x_legend}" y="32" width="12" height="12" fill="{colour}"/>')
        out.append(text(x_legend + 18, 42, name, "start"))
        for number, (middle, least, most) in enumerate(values):
            x = LEFT + group * number + group * 0.15 + width * at
            out.append(
                f'<rect x="{x:.1f}" y="{y(middle):.1f}" width="{width:.1f}" '
                f'height="{y(0) - y(middle):.1f}" fill="{colour}"/>'
            )
            centre = x + width / 2
            out.append(
                f'<line x1="{centre:.1f}" x2="{centre:.1f}" y1="{y(least):.1f}" '
                f'y2="{y(most):.1f}" stroke="#333333"/>'
            )
    for number, category in enumerate(categories):
        out.append(text(LEFT + group * (number + 0.5), HEIGHT - BOTTOM + 18, category, "middle"))
    out.append(text((LEFT + WIDTH - RIGHT) / 2, HEIGHT - 10, unit, "middle"))
    out.append("</svg>")
    return "\n".join(out) + "\n"


def text(x, y, content, anchor, size=12):
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" font-size="{size}">'
        f"{escape(str(content))}</text>"
    )


def nice(most):
    """The next of 1, 1.2, 1.6, 2, 2.4, 3.2, 4, 6, 8 times a power of ten."""
    power = 1.0
    while power * 10 <= most:
        power *= 10
    while power > most:
        power /= 10
    return next(power * step for step in (1, 1.2, 1.6, 2, 2.4, 3.2, 4, 6, 8, 10) if power * step >= most)


def short(value):
    return f"{value / 1000:g}k" if value >= 10_000 else f"{value:g}"
