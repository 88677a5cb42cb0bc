"""Makes some ninety odd picture files, as cameras, scanners, printers, messengers and broken disks
leave them, each with what it shows or with a word of why it is refused."""

import io
import os
import struct
import zlib
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image, ImageCms
from pillow_heif import register_heif_opener
from skimage.data import astronaut, chelsea, coffee
from test_pictures import BACK

register_heif_opener()  # to write HEIC; a test looks at what happens without it
SIZE = (160, 120)


@dataclass
class Odd:
    "One odd file."

    name: str  # Of the file
    content: object  # Its bytes, or a function that makes it at a path
    shows: Image.Image = None  # What it shows, RGB; None for what is refused
    off: float = 6  # By how much the pixels may differ from that on average
    word: str = ''  # A word of the refusal


def motifs():
    "Pictures of 160 x 120 without end, none like another."
    photos = [Image.fromarray(photo()) for photo in (astronaut, coffee, chelsea)]
    for turn in (False, True):
        for y in range(0, 170, 40):
            for x in range(0, 280, 55):
                for photo in photos:
                    cut = photo.crop((x, y, x + 160, y + 120))
                    if cut.convert('L').getextrema()[1] > 100:
                        yield cut.transpose(Image.Transpose.ROTATE_180) if turn else cut


def saved(picture, kind, **kw):
    "The bytes of a picture saved as a kind of file."
    out = io.BytesIO()
    picture.save(out, kind, **kw)
    return out.getvalue()


def turned(picture, orientation):
    "The picture as it is stored, and the EXIF note that turns it back."
    note = Image.Exif()
    note[0x0112] = orientation
    back = BACK[orientation]
    return picture.transpose(Image.Transpose[back]) if back else picture, note


def png(width, height, bits, colours, rows):
    "A PNG made by hand: any depth, and `rows` may be fewer than promised."

    def chunk(name, data):
        code = struct.pack('>I', zlib.crc32(name + data))
        return struct.pack('>I', len(data)) + name + data + code

    head = struct.pack('>IIBBBBB', width, height, bits, colours, 0, 0, 0)
    content = chunk(b'IHDR', head) + chunk(b'IDAT', zlib.compress(rows)) + chunk(b'IEND', b'')
    return b'\x89PNG\r\n\x1a\n' + content


def deep_png(picture):
    "A PNG of 16 bits a colour."
    deep = np.asarray(picture).astype('>u2') * 257
    rows = b''.join(b'\0' + row.astype('>u2').tobytes() for row in deep)
    return png(*picture.size, 16, 2, rows)


def subsampled_tiff(picture):
    "A TIFF of YCbCr without compression, with one colour for four pixels."
    points = np.asarray(picture.convert('YCbCr')).astype(int)
    h, w = points.shape[:2]
    blocks = points.reshape(h // 2, 2, w // 2, 2, 3).transpose(0, 2, 1, 3, 4)
    light = blocks[..., 0].reshape(h // 2, w // 2, 4)
    data = np.concatenate([light, blocks[..., 1:].mean((2, 3))], -1).astype(np.uint8).tobytes()
    bits, count = 8 + len(data), len(data)
    tags = [(256, 3, w), (257, 3, h), (258, 4, bits), (259, 3, 1), (262, 3, 6), (273, 4, 8)]
    tags += [(277, 3, 3), (278, 3, h), (279, 4, count), (530, 4, 2 + (2 << 16))]
    how_many = {258: (3, 3), 530: (3, 2)}  # three and two numbers of 16 bits
    head = b'II*\0' + struct.pack('<I', bits + 6) + data + struct.pack('<3H', 8, 8, 8)
    entries = (struct.pack('<HHII', tag, *how_many.get(tag, (k, 1)), v) for tag, k, v in tags)
    return head + struct.pack('<H', len(tags)) + b''.join(entries) + b'\0\0\0\0'


def grey(picture):
    return np.asarray(picture.convert('L'))


def stretched(picture, most):
    "Its greys as whole numbers up to `most`, and the same as 8 bits."
    share = grey(picture) / grey(picture).max()
    return (share * most).astype(np.uint16), Image.fromarray((share * 255).astype(np.uint8))


def ink(picture, mode):
    "Black ink where the picture is dark, and nothing elsewhere; and the same on white."
    mask = picture.convert('L').point(lambda v: 255 * (v < 100))
    drawn = Image.new(mode, picture.size)
    drawn.putalpha(mask)
    return drawn, Image.eval(mask, lambda v: 255 - v)


def lab(picture):
    profiles = ImageCms.createProfile('sRGB'), ImageCms.createProfile('LAB')
    return ImageCms.profileToProfile(picture, *profiles, outputMode='LAB')


def colours(new):  # Every mode and depth
    def of(name, kind, mode=None, off=6, shown=lambda p: p, **kw):
        p = next(new)
        stored = p.convert(mode) if mode else p
        return Odd(name, saved(stored, kind, **kw), shown(p), off)

    yield of('rgb.png', 'PNG')
    yield of('black and white.png', 'PNG', '1', shown=lambda p: p.convert('1'))
    yield of('grey.png', 'PNG', 'L', shown=lambda p: p.convert('L'))
    yield of('grey see-through.png', 'PNG', 'LA', shown=lambda p: p.convert('L'))
    yield of('solid.png', 'PNG', 'RGBA')
    yield of('palette.png', 'PNG', 'P', off=25)
    p = next(new)
    yield Odd('palette-16.png', saved(p.quantize(16), 'PNG', bits=4), p, 25)
    yield of('rgb.bmp', 'BMP')
    yield of('grey.bmp', 'BMP', 'L', shown=lambda p: p.convert('L'))
    yield of('rgb.ppm', 'PPM')
    yield of('rgb.gif', 'GIF', off=25)
    yield of('rgb.webp', 'WEBP', quality=90)
    yield of('exact.webp', 'WEBP', lossless=True)
    yield of('rgb.avif', 'AVIF', quality=90)
    yield of('phone.heic', 'HEIF', quality=90)
    yield of('phone.heif', 'HEIF', quality=90)
    yield of('rgb.jpg', 'JPEG', quality=90)
    yield of('grey.jpeg', 'JPEG', 'L', shown=lambda p: p.convert('L'), quality=90)
    yield of('printer.jpg', 'JPEG', 'CMYK', quality=95)
    yield of('slow line.jpg', 'JPEG', quality=90, progressive=True)
    yield of('restarts.jpg', 'JPEG', quality=90, restart_marker_rows=1)
    yield of('rgb.tif', 'TIFF')
    yield of('packed.tiff', 'TIFF', compression='tiff_lzw')
    yield of('fax.tif', 'TIFF', '1', shown=lambda p: p.convert('1'), compression='group4')
    yield of('big.tif', 'TIFF', big_tiff=True)
    yield of('printer.tif', 'TIFF', 'CMYK')
    yield of('video.tif', 'TIFF', 'YCbCr')
    yield of('video-lzw.tif', 'TIFF', 'YCbCr', compression='tiff_lzw')
    yield of('video-jpeg.tif', 'TIFF', 'YCbCr', compression='jpeg', quality=90)
    p = next(new)
    yield Odd('video-half.tif', subsampled_tiff(p), p)
    p = next(new)
    yield Odd('lab.tif', saved(lab(p), 'TIFF'), p)
    p = next(new)
    yield Odd('deep colours.png', deep_png(p), p, 1)
    for name, most in (('scan.png', 65535), ('x-ray.png', 4095), ('scan.tif', 65535)):
        deep, shows = stretched(next(new), most)
        kind = 'PNG' if name.endswith('png') else 'TIFF'
        yield Odd(name, saved(Image.fromarray(deep), kind), shows, 1)
    deep, shows = stretched(next(new), 65535)
    yield Odd('scan.pgm', b'P5 160 120 65535\n' + deep.astype('>u2').tobytes(), shows, 1)
    deep, shows = stretched(next(new), 65535)
    big_endian = Image.frombytes('I;16B', SIZE, deep.astype('>u2').tobytes())
    yield Odd('motorola.tif', saved(big_endian, 'TIFF'), shows, 1)
    deep, shows = stretched(next(new), 65535)
    yield Odd('whole.tif', saved(Image.fromarray(deep.astype(np.int32)), 'TIFF'), shows, 1)
    p = next(new)
    share = Image.fromarray((grey(p) / 255).astype(np.float32))
    yield Odd('measured.tif', saved(share, 'TIFF'), p.convert('L'), 1)
    p = next(new)
    holes = np.where(grey(p) > 240, np.nan, grey(p)).astype(np.float32)
    shows = Image.fromarray(np.where(grey(p) > 240, 0, grey(p)).astype(np.uint8))
    yield Odd('holes.tif', saved(Image.fromarray(holes), 'TIFF'), shows, 1)


def see_through(new):  # Ink on nothing: put on white, black stays black
    for name, kind, mode in (
        ('ink.png', 'PNG', 'RGBA'),
        ('grey ink.png', 'PNG', 'LA'),
        ('ink.webp', 'WEBP', 'RGBA'),
        ('ink.tif', 'TIFF', 'RGBA'),
        ('ink.avif', 'AVIF', 'RGBA'),
        ('ink.heic', 'HEIF', 'RGBA'),
    ):
        drawn, shows = ink(next(new), mode)
        exact = {'lossless': True} if kind == 'WEBP' else {}
        yield Odd(name, saved(drawn, kind, **exact), shows)
    drawn, shows = ink(next(new), 'RGBA')
    flat = Image.fromarray((np.asarray(shows) > 0).astype(np.uint8)).convert('P')
    flat.putpalette([0] * 768)  # black on black: only the transparency tells
    yield Odd('ink palette.png', saved(flat, 'PNG', transparency=1), shows)
    drawn, shows = ink(next(new), 'RGBA')
    flat = Image.fromarray((np.asarray(shows) > 0).astype(np.uint8)).convert('P')
    flat.putpalette([0] * 768)
    yield Odd('ink palette half.png', saved(flat, 'PNG', transparency=b'\xff\0'), shows)
    drawn, shows = ink(next(new), 'RGBA')
    flat = Image.fromarray((np.asarray(shows) > 0).astype(np.uint8)).convert('P')
    flat.putpalette([0] * 768)
    yield Odd('ink.gif', saved(flat, 'GIF', transparency=1), shows)
    p = next(new)
    marked = Image.eval(p.convert('L'), lambda v: 0 if v < 100 else 1)
    shows = Image.eval(marked, lambda v: 255 * v)
    yield Odd('ink grey value.png', saved(marked, 'PNG', transparency=1), shows, 1)


def turns(new):  # The eight EXIF turns, and notes that make no sense
    for orientation in BACK:
        p = next(new)
        stored, note = turned(p, orientation)
        yield Odd(f'turn {orientation}.jpg', saved(stored, 'JPEG', exif=note, quality=90), p)
    for name, kind in (
        ('turn.png', 'PNG'),
        ('turn.webp', 'WEBP'),
        ('turn.tif', 'TIFF'),
        ('turn.avif', 'AVIF'),
        ('turn.heic', 'HEIF'),
    ):
        p = next(new)
        stored, note = turned(p, 6)
        yield Odd(name, saved(stored, kind, exif=note.tobytes()), p)
    p = next(new)
    note = Image.Exif()
    note[0x0112] = 99
    yield Odd('turn 99.jpg', saved(p, 'JPEG', exif=note, quality=90), p)
    p = next(new)
    broken = b'Exif\0\0II*\0\xff\xff\xff\xff'
    yield Odd('broken note.jpg', saved(p, 'JPEG', exif=broken, quality=90), p)


def moving(new):  # More pictures than one: the first counts
    for name, kind in (
        ('film.gif', 'GIF'),
        ('film.webp', 'WEBP'),
        ('film.png', 'PNG'),
        ('film.avif', 'AVIF'),
        ('pages.tif', 'TIFF'),
        ('two eyes.jpg', 'MPO'),
    ):
        p = next(new)
        content = saved(p, kind, save_all=True, append_images=[p.rotate(180)])
        yield Odd(name, content, p, 25 if kind == 'GIF' else 8)


def names_and_sizes(new):
    for name, kind in (
        ('really a png.jpg', 'PNG'),
        ('really a jpeg.png', 'JPEG'),
        ('really a webp.jpg', 'WEBP'),
        ('really heic.jpg', 'HEIF'),
        ('CAPITALS.JPG', 'JPEG'),
        ('  two  spaces .jpg', 'JPEG'),
        ('고양이 🐈.jpg', 'JPEG'),
        ("it's 100%.jpg", 'JPEG'),
        ('-rf.jpg', 'JPEG'),
        ('~home.jpg', 'JPEG'),
        ('x' * 200 + '.jpg', 'JPEG'),
    ):
        p = next(new)
        yield Odd(name, saved(p, kind), p, 8)
    if os.name != 'nt':
        p = next(new)
        yield Odd('line\nbreak.jpg', saved(p, 'JPEG'), p, 8)
    p = next(new)
    yield Odd('with more behind.jpg', saved(p, 'JPEG') + bytes(range(256)) * 9, p, 8)
    p = next(new)
    p.paste((128, 128, 128), (80, 60, 160, 120))  # the grey that a broken file is filled up with
    yield Odd('grey corner.jpg', saved(p, 'JPEG'), p, 8)
    dot = Image.new('RGB', (1, 1), (200, 30, 30))
    yield Odd('one pixel.png', saved(dot, 'PNG'), dot)
    p = next(new).resize((300, 2))
    yield Odd('strip.png', saved(p, 'PNG'), p)
    p = next(new)
    yield Odd('60 megapixels.jpg', saved(p.resize((8960, 6720)), 'JPEG', quality=30), p, 10)


def refused(new):
    photo, other = next(new), next(new)
    jpeg = saved(photo, 'JPEG', quality=90)
    yield Odd('empty.jpg', b'', word='empty')
    yield Odd('letter.jpg', b'Dear model, I am no picture.', word='text')
    yield Odd('page.jpg', b'<!DOCTYPE html><html><img src="a.jpg">', word='web page')
    yield Odd('drawing.png', b'<svg xmlns="http://www.w3.org/2000/svg"></svg>', word='SVG')
    yield Odd('paper.jpg', b'%PDF-1.7\n', word='PDF')
    yield Odd('film.jpg', b'\0\0\0\x20ftypisom\0\0\2\0', word='video')
    yield Odd('all.jpg', b'PK\x03\x04\x14\0', word='archive')
    yield Odd('noise.jpg', bytes(range(256)), word='not known')
    for kind in ('JPEG', 'PNG', 'GIF', 'WEBP', 'TIFF', 'BMP', 'AVIF', 'HEIF'):
        content = saved(photo, kind)
        ending = {'JPEG': 'jpg', 'TIFF': 'tif', 'HEIF': 'heic'}.get(kind, kind.lower())
        yield Odd(f'half.{ending}', content[: len(content) // 2], word='cut off')
    slow = saved(photo, 'JPEG', progressive=True)
    yield Odd('half slow.jpg', slow[: len(slow) // 2], word='cut off')
    yield Odd('last bytes missing.jpg', jpeg[:-100], word='cut off')
    zeros = bytes(len(jpeg) - len(jpeg) // 2)
    yield Odd('half, then zeros.jpg', jpeg[: len(jpeg) // 2] + zeros, word='cut off')
    yield Odd('half, then its end.jpg', jpeg[: len(jpeg) // 2] + b'\xff\xd9', word='cut off')
    bw = saved(other.convert('L'), 'JPEG')
    yield Odd('half grey, its end.jpg', bw[: len(bw) // 2] + b'\xff\xd9', word='cut off')
    yield Odd('bomb.png', png(11_000, 11_000, 8, 2, bytes(100)), word='120 million')
    yield Odd('big bomb.png', png(60_000, 60_000, 8, 2, bytes(100)), word='120 million')
    if os.name != 'nt':
        yield Odd('loop.jpg', lambda path: path.symlink_to(path.name), word='leads back to itself')
        yield Odd('gone.jpg', lambda path: path.symlink_to('nowhere'), word='not there')
        yield Odd('pipe.jpg', lambda path: os.mkfifo(path), word='pipe')


def odd_pictures():
    "All of them, those that show something and those that are refused."
    new = motifs()
    for kind in (colours, see_through, turns, moving, names_and_sizes, refused):
        yield from kind(new)


def write(odd, folder):
    "Make the file in a folder; returns its path."
    path = Path(folder) / odd.name
    if callable(odd.content):
        odd.content(path)
    else:
        path.write_bytes(odd.content)
    return path
