"""Pictures of the demo library as ffmpeg filter graphs: sea, mountains, a city at night, fractals, life, shapes.

Each scene is a function (width, height, fps, seconds, ...) that returns a graph ending in [v]. What moves slowly is
drawn small and enlarged, what stands still is drawn once and moved by overlay: a core draws some hundred frames a
second. Not here: titles, sound, encoding (demo.py)."""
import random, struct, zlib


def ycc(rgb):
    r, g, b = (int(rgb[i:i + 2], 16) for i in (0, 2, 4))
    return (round(16 + (65.7 * r + 129.1 * g + 25.1 * b) / 256), round(128 + (-37.9 * r - 74.5 * g + 112.4 * b) / 256),
            round(128 + (112.4 * r - 94.2 * g - 18.3 * b) / 256))


def shape(width, height, rgb, alpha, up=1):
    """One still picture of a colour with alpha(X, Y) in 0..1, enlarged `up` times."""
    y, cb, cr = ycc(rgb)
    return (f"color=black:s={width}x{height}:d=1:r=1,format=yuva420p,"
            f"geq=lum={y}:cb={cb}:cr={cr}:a='255*clip({alpha}\\,0\\,1)'"
            + (f",scale={width * up}:{height * up}:flags=bicubic" if up > 1 else ""))


def sky(width, height, fps, colors, slant=.15):
    """A still gradient from top to bottom (or leaning), drawn once."""
    stops = "".join(f":c{i}=0x{c}" for i, c in enumerate(colors))
    return (f"gradients=s=192x108:r={fps}:nb_colors={len(colors)}{stops}:x0=96:y0=0:x1={round(96 + 96 * slant)}:y1=107:"
            f"speed=0.00001,trim=end_frame=1,scale={width}:{height}:flags=bicubic,format=yuv420p,"
            f"loop=-1:1:0,setpts=N/({fps})/TB,fps={fps}")


def drift(width, height, fps, colors, speed=.008, kind="linear"):
    """A gradient that turns slowly."""
    stops = "".join(f":c{i}=0x{c}" for i, c in enumerate(colors))
    return (f"gradients=s=192x108:r={fps}:nb_colors={len(colors)}{stops}:speed={speed}:type={kind},"
            f"scale={width}:{height}:flags=bilinear,format=yuv420p")


def stack(bottom, layers):
    """Overlays still layers [(graph, x, y)] on a moving picture; x and y may depend on t."""
    parts = [f"{bottom}[b0]"]
    for i, (graph, x, y) in enumerate(layers):
        parts.append(f"{graph}[l{i}]")
        parts.append(f"[b{i}][l{i}]overlay=x='{x}':y='{y}'[{'b%d' % (i + 1) if i + 1 < len(layers) else 'v'}]")
    return ";".join(parts)


def disc(size, rgb, core=.5):
    """A sun, a moon, a lamp: a disc with a glow around it."""
    r = f"hypot(X-{size / 2}\\,Y-{size / 2})/{size / 2}"
    return shape(size, size, rgb, f"clip(({core}-{r})*{size / 3}\\,0\\,1)+0.55*pow(max(0\\,1-{r})\\,2)")


def sea(width, height, fps, seconds, skies, waves, sun, sun_at, calm=1.0):
    layers = [(disc(height // 2 // 2 * 2, sun, .42), f"{width * sun_at - height / 4:.0f}",
               f"{height * .12:.0f}+t*{height * .0016:.3f}")]
    for i, rgb in enumerate(waves):
        crest = height / 32 * calm * (1 + i * .15)
        alpha = (f"(Y-{crest:.1f}-{crest * .55:.1f}*sin(2*PI*X*{9 - i}/{width // 2}+{i})"
                 f"-{crest * .35:.1f}*sin(2*PI*X*{14 - 2 * i}/{width // 2}+{2 * i}))*0.7")
        layers.append((shape(width // 2 * 2, height // 4, rgb, alpha, 2),
                       f"-mod(t*{(14 + 15 * i) * calm:.1f}*{width}/1280\\,{width})",
                       f"{height * (.52 + .105 * i):.0f}+{height * .012 * calm:.1f}*sin(t*{.9 - .1 * i:.2f}+{i * 1.7:.1f})"))
    boat = height // 12 * 2
    hull = (f"lt(abs(Y-{boat * .82}-0.002*pow(X-{boat / 2}\\,2))\\,{boat * .06})*lt(abs(X-{boat / 2})\\,{boat * .36})"
            f"+lt(abs(X-{boat * .46})\\,(Y-{boat * .08})*0.42)*lt(Y\\,{boat * .72})*(gt(X\\,{boat * .47})+gt(Y\\,{boat * .3})*lt(X\\,{boat * .44}))")
    layers.insert(3, (shape(boat, boat, "fff6e6", hull), f"{width * .1:.0f}+t*{width * .008:.2f}",
                      f"{height * .505:.0f}+{height * .010 * calm:.1f}*sin(t*0.9)"))
    return stack(sky(width, height, fps, skies), layers)


def stars(width, height, seed, count):
    rng = random.Random(seed)
    rows = [bytearray(width * 4) for _ in range(height)]
    for _ in range(count):
        x, y, level = rng.randrange(width - 1), int(height * rng.random() ** 1.3), rng.randrange(60, 255)
        for dx, dy, part in ((0, 0, 1), (1, 0, .45), (0, 1, .45), (1, 1, .2)):
            if y + dy < height:
                rows[y + dy][4 * (x + dx):4 * (x + dx) + 4] = bytes((255, 250, 235, int(level * part)))
    return rows


def skyline(width, height, seed, rgb, lamps, low, high, lit):
    """Houses with windows, as wide as it repeats."""
    rng, ink = random.Random(seed), bytes(int(rgb[i:i + 2], 16) for i in (0, 2, 4)) + b"\xff"
    rows, x = [bytearray(width * 4) for _ in range(height)], 0
    while x < width:
        wide = min(rng.randrange(height // 8, height // 4) // 8 * 8 + 4, width - x)
        top = height - int(height * rng.uniform(low, high))
        for y in range(top, height):
            rows[y][4 * x:4 * (x + wide)] = ink * wide
        if rng.random() < .3:
            for y in range(max(0, top - height // 8), top):
                rows[y][4 * (x + wide // 2):4 * (x + wide // 2 + 2)] = ink * 2
        for y in range(top + 8, height - 6, 12):
            for wx in range(x + 5, x + wide - 7, 10):
                if rng.random() < lit:
                    c = rng.choice(lamps)
                    dot = bytes(int(c[i:i + 2], 16) for i in (0, 2, 4)) + b"\xff"
                    for dy in range(6):
                        rows[y + dy][4 * wx:4 * (wx + 4)] = dot * 4
        x += wide
    return rows


def write_png(path, rows):
    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
    data = zlib.compress(b"".join(b"\0" + bytes(r) for r in rows), 1)
    with open(path, "wb") as f:
        f.write(b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", len(rows[0]) // 4, len(rows), 8, 6, 0, 0, 0))
                + chunk(b"IDAT", data) + chunk(b"IEND", b""))
    return path


def still(path, extra=""):
    return f"movie={path},format=yuva420p{extra}"


def ridge(width, height, rgb, seed, rough):
    rng = random.Random(seed)
    terms = "+".join(f"{height * rough / (n ** .9):.1f}*sin(2*PI*X*{n}/{width}+{rng.uniform(0, 6):.2f})"
                     for n in (1, 2, 3, 5, 9, 17, 31))
    return f"(Y-{height * .42:.0f}-({terms}))*0.5"


def aurora(width, height, fps, seconds, tmp):
    curtain = ("nullsrc=s=96x54:r={f},format=gray,geq=lum='st(0\\,Y*1.25-30-6*sin(X/13.6+T*0.15)-3*sin(X/5.6-T*0.3))\\;"
               "255*(0.35+0.65*pow(0.5+0.5*sin(X/7.2+2*sin(X/18.4+T*0.21)+T*0.23)\\,2))"
               "*exp(if(gt(ld(0)\\,0)\\,-ld(0)*ld(0)/9\\,ld(0)/(9+4*sin(X/4+T*0.5))))'").format(f=fps)
    tint = (f"{curtain},format=gbrp,lutrgb=r='val*val/380+7':g='val*0.82+11':b='val*0.55+34',"
            f"scale={width}:{height}:flags=bicubic,format=yuv420p")
    star = write_png(f"{tmp}/aurora-stars.png", stars(width, height * 2 // 3, 5, 420))
    layers = [(still(star), "0", "0")]
    for i, (rgb, up) in enumerate((("1b2b46", 2), ("101c30", 2), ("070d18", 2))):
        h = height // 4 // 2 * 2
        layers.append((shape(width, h, rgb, ridge(width // 2, h, rgb, 11 + i, .11 - .015 * i), up),
                       f"-mod(t*{8 + 14 * i * i}\\,{width})", f"{height * (.53 + .12 * i):.0f}"))
    return stack(tint, layers)


def city(width, height, fps, seconds, tmp):
    """Sky, a low sun, two rows of houses that pass, all mirrored in water."""
    top = height * 2 // 3 // 2 * 2
    lamps = ("ffd27a", "ff8fb8", "8fe3ff", "fff1c9")
    far = write_png(f"{tmp}/city-far.png", skyline(width, top // 2, 3, "3a1f5c", ("b07ad0", "7f6fe0"), .35, .8, .12))
    near = write_png(f"{tmp}/city-near.png", skyline(width, top // 2, 8, "150a2b", lamps, .2, .95, .35))
    graph = stack(sky(width, top, fps, ("12083a", "5b1a78", "e0457b", "ffb36b")), [
        (disc(top * 3 // 4 // 2 * 2, "ffe08a", .45), f"{width * .58:.0f}", f"{top * .22:.0f}+t*{top * .0012:.3f}"),
        (still(far) + f",split[p][q];[p][q]hstack", "-mod(t*17\\,%d)" % width, f"{top - top // 2}"),
        (still(near) + f",split[r][s];[r][s]hstack", "-mod(t*46\\,%d)" % width, f"{top - top // 2 + 6}")])
    deep = height - top
    return (graph.rsplit("[v]", 1)[0] + f"[land];[land]split[m][n];[m]crop=iw:{deep}:0:{top - deep},vflip,scale={width // 16 * 2}:{deep // 16 * 2}:flags=area,"
            f"lutyuv=y=val*0.55+8:u='val*0.9+14',scale={width}:{deep}:flags=bilinear[w];[n][w]vstack[v]")


def lamplighter(width, height, fps, seconds, tmp):
    """A street of 1924 in sepia: lamps go on one after another, the houses pass."""
    houses = write_png(f"{tmp}/lamp-houses.png", skyline(width, height // 2, 21, "1c1c1c", ("c8c8c8", "9a9a9a"), .45, .95, .16))
    post = (f"lt(abs(X-20)\\,2)*gt(Y\\,30)+lt(hypot(X-20\\,(Y-24)*0.8)\\,9)+lt(abs(Y-{height // 2 - 4})\\,4)*lt(abs(X-20)\\,8)")
    layers = [(disc(90, "d8d8d8", .4), f"{width * .7:.0f}", f"{height * .1:.0f}"),
              (still(houses) + ",split[p][q];[p][q]hstack", f"-mod(t*14\\,{width})", f"{height * .32:.0f}"),
              (shape(width, height // 5, "0c0c0c", "1"), "0", f"{height * .81:.0f}")]
    for i in range(4):
        x = f"{width}-mod(t*40+{i * (width + 140) // 4}\\,{width + 140})"
        layers.append((shape(40, height // 2, "0a0a0a", post), x, f"{height * .36:.0f}"))
        layers.append((disc(140, "f8f8f8", .1), f"{x}-50+2000*lt(t\\,{6 + 9 * i})", f"{height * .36 + 24 - 70:.0f}"))
    graph = stack(sky(width, height, fps, ("2a2a2a", "585858", "a0a0a0")), layers)
    return (graph.rsplit("[v]", 1)[0] + "[g];[g]noise=c0s=9:c0f=t,eq=brightness='0.05+0.02*sin(t*37)*sin(t*11)':eval=frame,"
            "hue=s=0,colorchannelmixer=rr=1:gg=0.86:bb=0.64,vignette=PI/7,format=yuv420p[v]")


def fractal(width, height, fps, seconds):
    frames = round(seconds * fps_value(fps))
    return (f"mandelbrot=s={width * 5 // 16 * 2}x{height * 5 // 16 * 2}:r={fps}:start_scale=2.6:end_scale=0.00004:"
            f"end_pts={frames * .9:.0f}:start_x=-0.743643887037151:start_y=0.13182590420533:maxiter=520:outer=normalized_iteration_count,"
            f"format=gray,format=gbrp,curves=r='0/0.04 0.3/0.25 0.55/0.85 0.8/1 1/1':g='0/0.05 0.3/0.12 0.55/0.42 0.8/0.78 1/0.97':"
            f"b='0/0.15 0.3/0.42 0.55/0.38 0.8/0.45 1/0.85',scale={width}:{height}:flags=bicubic,format=yuv420p[v]")


def life(width, height, fps, seconds):
    cell = 4
    return (f"life=s={-(-width // cell // 2) * 2}x{-(-height // cell // 2) * 2}:r={fps_value(fps) / 2:.3f}:mold=12:ratio=0.22:random_seed=77:"
            f"life_color=0xffe9b0:death_color=0xc2417c:mold_color=0x140d2e,fps={fps},"
            f"scale={width}:{height}:flags=neighbor,vignette=PI/5,format=yuv420p[v]")


def plasma(width, height, fps, rgb_expressions):
    r, g, b = rgb_expressions
    return (f"nullsrc=s=80x45:r={fps},format=gray,geq=lum='128+62*sin(X/9+T*0.9)+62*sin(Y/7-T*0.7+2*sin(X/17+T*0.3))',"
            f"format=gbrp,lutrgb=r='{r}':g='{g}':b='{b}',scale={width}:{height}:flags=bicubic,format=yuv420p")


def coffee(width, height, fps, seconds):
    size = height // 2 // 2 * 2
    cup = (f"lt(abs(Y-{size * .62})\\,{size * .22})*lt(abs(X-{size * .44})\\,{size * .27}-pow(max(0\\,Y-{size * .66})/{size * .22}\\,3)*{size * .12})"
           f"+lt(abs(hypot(X-{size * .72}\\,Y-{size * .58})-{size * .1})\\,{size * .028})*gt(X\\,{size * .70})"
           f"+lt(hypot((X-{size * .46})/3.4\\,(Y-{size * .9})*1.6)\\,{size * .11})")
    steam = f"0.5*exp(-pow((X-{size * .2}-{size * .07}*sin(Y/{size * .11}))/{size * .03}\\,2))*clip(Y/{size * .2}\\,0\\,1)*clip(({size * .9}-Y)/{size * .3}\\,0\\,1)"
    at = f"{width * .62:.0f}"
    layers = [(shape(size, size, "fff2dc", cup), at, f"{height * .3:.0f}")]
    for i in range(2):
        layers.append((shape(size // 2 // 2 * 2, size // 2 * 2, "ffffff", steam), f"{width * .62 + size * (.1 + .16 * i):.0f}+8*sin(t*1.4+{i * 2})",
                       f"{height * .06 + 20 * i:.0f}-10*sin(t*0.8+{i})"))
    return stack(drift(width, height, fps, ("3a1b0d", "8a4a1f", "d9913a"), .01), layers)


def lamps(width, height, fps, seconds):
    layers = []
    for i in range(5):
        size = height // (3 + i % 3) // 2 * 2
        layers.append((disc(size, ("ffd98a", "ffb347", "fff0c9", "ff9d6b", "ffe3a3")[i], .22),
                       f"{width * (.06 + .19 * i):.0f}+{18 + 6 * i}*sin(t*{.5 + .13 * i:.2f}+{i})",
                       f"{height * (.10 + .09 * (i % 3)):.0f}+14*cos(t*{.7 - .08 * i:.2f})"))
    return stack(drift(width, height, fps, ("0b1030", "1c2257", "3b2a6b"), .006), layers)


def wheels(width, height, fps, seconds):
    size = height * 2 // 5 // 2 * 2
    r = f"hypot(X-{size / 2}\\,Y-{size / 2})"
    wheel = shape(size, size, "10352f", f"(lt(abs({r}-{size * .44})\\,{size * .022})+lt({r}\\,{size * .05})"
                  f"+lt(abs(mod(atan2(Y-{size / 2}\\,X-{size / 2})+PI\\,PI/6)-PI/12)*{r}\\,{size * .006})*lt({r}\\,{size * .44}))")
    turning = f"{wheel},loop=-1:1:0,setpts=N/({fps})/TB,fps={fps},rotate=a=t*2.6:c=black@0"
    ground = shape(width, 16, "10352f", "1")
    y, left = f"{height * .42:.0f}+3*sin(t*9)", f"{width * .5:.0f}"
    half = size * 2
    bar = shape(half, size, "e4572e", "(" + "+".join(
        f"lt(abs((Y-{y0 * size:.0f})*{(x1 - x0) * half:.0f}-(X-{x0 * half:.0f})*{(y1 - y0) * size:.0f})\\,{size * .022 * half * max(abs(x1 - x0), abs(y1 - y0) * .5):.0f})"
        f"*between(X\\,{(min(x0, x1) - .012) * half:.0f}\\,{(max(x0, x1) + .012) * half:.0f})*between(Y\\,{(min(y0, y1) - .02) * size:.0f}\\,{(max(y0, y1) + .02) * size:.0f})"
        for x0, y0, x1, y1 in ((.25, .9, .42, .35), (.42, .35, .66, .35), (.66, .35, .75, .9), (.42, .35, .5, .9), (.5, .9, .66, .35),
                               (.25, .9, .5, .9), (.38, .2, .42, .35), (.64, .18, .66, .35), (.62, .18, .72, .18), (.34, .2, .43, .2))) + ")")
    return (stack(drift(width, height, fps, ("8fd3c1", "d8efc0", "ffd98a"), .006), [
        (ground, "0", f"{height * .82:.0f}"), (turning, f"{width * .40:.0f}", y),
        (turning.replace("[", "["), f"{width * .40 + size:.0f}", y), (bar, f"{width * .40:.0f}", f"{height * .42 - size * .4:.0f}+3*sin(t*9)")]))


def bubbles(width, height, fps, seconds):
    rng, layers = random.Random(4), []
    for i in range(12):
        size = rng.randrange(height // 14, height // 5) // 2 * 2
        r = f"hypot(X-{size / 2}\\,Y-{size / 2})/{size / 2}"
        glass = (f"lt({r}\\,0.97)*(0.10+0.75*pow({r}\\,7))+0.8*lt(hypot(X-{size * .34}\\,Y-{size * .3})\\,{size * .07})")
        layers.append((shape(size, size, "ffffff", glass), f"{rng.uniform(.02, .9) * width:.0f}+{rng.randrange(8, 34)}*sin(t*{rng.uniform(.5, 1.6):.2f})",
                       f"{height}-mod(t*{rng.uniform(.07, .16) * height:.0f}+{rng.randrange(2 * height)}\\,{height + size})"))
    return stack(drift(width, height, fps, ("5aa9e6", "7fc8f8", "ffc8dd"), .008), layers)


def ident(width, height, fps, seconds, colors):
    size = height * 3 // 4 // 2 * 2
    r = f"hypot(X-{size / 2}\\,Y-{size / 2})/{size / 2}"
    rings = shape(size, size, "fff6e0", f"0.28*(lt(abs({r}-0.93)\\,0.02)+lt(abs({r}-0.72)\\,0.05)+lt(abs({r}-0.4)\\,0.1))")
    return stack(drift(width, height, fps, colors, .02, "spiral"), [
        (rings, f"(W-w)/2+{width * .14:.0f}*sin(t*0.8)", f"(H-h)/2+{height * .05:.0f}*cos(t*1.1)"),
        (rings, f"(W-w)/2-{width * .14:.0f}*sin(t*0.8)", f"(H-h)/2-{height * .05:.0f}*cos(t*1.1)")])


def fps_value(fps):
    top, _, bottom = str(fps).partition("/")
    return int(top) / int(bottom or 1)
