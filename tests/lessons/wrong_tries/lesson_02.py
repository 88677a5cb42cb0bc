"Wrong tries at the exercises of lesson 2."

import numpy as np
import torch

SETUP = 'import numpy as np\n'


def frozen():
    numels = lambda model, wanted: sum(
        p.numel() for p in model.parameters() if p.requires_grad in wanted
    )
    return [
        (lambda m: numels(m, (True, False)), 'all of them'),
        (lambda m: numels(m, (False,)), 'frozen ones'),
        (lambda m: sum(p.requires_grad for p in m.parameters()), 'tables of numbers'),
        (lambda m: 8, 'wrong for another'),
        (8, 'not a function'),
        (lambda m: 6, '2 biases'),
        (lambda m: sum(p.numel() for p in m if p.requires_grad), 'through the layers'),
        (lambda m: sum(p.numel() for p in m.parameters if p.requires_grad), 'did not call it'),
        (lambda m: sum(len(p) for p in m.parameters() if p.requires_grad), 'you return 4'),
    ]


def rate():
    place = lambda losses: losses.index(min(losses))
    return [
        (lambda r, l: r[place(l)], 'about to go wrong'),
        (lambda r, l: min(l), 'That is a loss'),
        (lambda r, l: place(l), 'a place in the list'),
        (lambda r, l: max(r), 'largest or the smallest'),
        (lambda r, l: 10 * r[place(l)], 'multiplied by ten'),
        (lambda r, l: max(l), 'the largest loss'),
        (lambda r, l: r[l.index(max(l))] / 10, 'the rate with the largest loss'),
        (lambda r, l: r[:1], 'A list'),
        (lambda r, l: r[place(l)] / 100, 'factor of ten too many'),
        (lambda r, l: 0.009, 'wrong for another'),
        (0.01, 'not a function'),
        (lambda r, l: 0.03, 'You return 0.03'),
        (lambda r, l: str(r[place(l)] / 10), 'You return text'),
        (lambda r, l: '38 %', "text, '38 %'"),
        (lambda r, l: {r[place(l)]: 0.1}, 'a dict'),
    ]


def each():
    return [
        (lambda m: m.diagonal(), 'Of how many'),
        (lambda m: m.diagonal() / m.sum(axis=0), 'columns'),
        (lambda m: m.diagonal() / m.sum(), 'divided by all items'),
        (lambda m: m.diagonal().sum() / m.sum(), 'One number came back'),
        (lambda m: 1 - m.diagonal() / m.sum(axis=1), 'wrong'),
        (lambda m: m / m.sum(), 'shape'),
        (lambda m: 100 * m.diagonal() / m.sum(axis=1), 'per cent'),
        (lambda m: [0.8, 0.75, 0.5], 'wrong for another'),
        (lambda m: m.max(axis=1) / m.sum(axis=1), 'largest number of'),
        (lambda m: m.diagonal() / 10, 'You return'),
        (lambda m: [str(share) for share in m.diagonal() / m.sum(axis=1)], 'You return text'),
    ]


def cut(photo, more=1, ground=255):
    light = ground - photo if ground else photo
    ys, xs = np.nonzero(255 - photo > 50)
    return light[ys.min() : ys.max() + more, xs.min() : xs.max() + more]


def laid(ink, top=None, left=None, sheet=None):
    sheet = np.zeros((28, 28)) if sheet is None else sheet
    top = (28 - ink.shape[0]) // 2 if top is None else top
    left = (28 - ink.shape[1]) // 2 if left is None else left
    sheet[top : top + ink.shape[0], left : left + ink.shape[1]] = ink
    return sheet


def swapped(photo):
    ink = cut(photo)
    width, height = ink.shape
    top, left = (28 - height) // 2, (28 - width) // 2
    sheet = np.zeros((28, 28))
    sheet[top : top + height, left : left + width] = ink
    return sheet


def minus(photo):
    light = -photo
    ys, xs = np.nonzero(light > 50)
    return laid(light[ys.min() : ys.max() + 1, xs.min() : xs.max() + 1])


def with_pad(photo):
    ink = cut(photo)
    above, before = (28 - ink.shape[0]) // 2, (28 - ink.shape[1]) // 2
    rest = (above, 28 - ink.shape[0] - above), (before, 28 - ink.shape[1] - before)
    return np.pad(ink, rest)


def with_pillow(photo):
    from PIL import Image, ImageOps

    ink = ImageOps.invert(Image.fromarray(photo))
    ink = ink.crop(ink.point(lambda v: 255 * (v > 50)).getbbox())
    sheet = Image.new('L', (28, 28))
    sheet.paste(ink, (14 - ink.width // 2, 14 - ink.height // 2))
    return np.array(sheet)


def form():
    def spoils(photo):
        photo[:] = 255 - photo
        return laid(cut(255 - photo))

    def paper(photo):
        ys, xs = np.nonzero(photo > 50)
        sheet = np.zeros((28, 28))
        sheet[8:20, 11:16] = 255 - photo[ys.min() : ys.max() + 1, xs.min() : xs.max() + 1]
        return sheet

    return [
        (cut, 'Put it on a sheet'),
        (lambda p: 255 - p, '40 x 36'),
        (lambda p: p[:28, :28], 'still light'),
        (lambda p: np.zeros((28, 28)), 'black all over'),
        (lambda p: laid(cut(p), 0, 0), 'upper left corner'),
        (lambda p: laid(cut(p), 3, 20), 'begins in row 3'),
        (lambda p: laid(cut(p) / 255), 'from 0 to 1'),
        (lambda p: laid(cut(p, more=0)), '11 x 4'),
        (spoils, 'changes the array'),
        (lambda p: laid(255 - p[2:14, 30:35]), 'elsewhere'),
        (swapped, 'Height and width are swapped'),
        (lambda p: laid(cut(p), 11, 8), 'as far down'),
        (minus, 'off by one'),
        (lambda p: laid(cut(p), 8, 11), 'ink of 6 x 4'),
        (lambda p: laid(cut(p).T), 'on its side'),
        (lambda p: laid(255 - cut(p)), 'still dark'),
        (paper, 'cut out the paper'),
        (lambda p: laid(cut(p), (28 - 12) / 2), 'a whole number'),
    ]


TRIES = {'02 frozen': frozen, '02 rate': rate, '02 each': each, '02 form': form}
RIGHT = {
    '02 frozen': lambda: [
        lambda m: np.sum([p.numel() for p in m.parameters() if p.requires_grad]),
        lambda m: sum(p.numel() * p.requires_grad for p in m.parameters()),
        lambda m: torch.tensor([p.numel() for p in m.parameters() if p.requires_grad]).sum(),
    ],
    '02 rate': lambda: [
        lambda r, l: np.array(r)[np.argmin(l)] / 10,
        lambda r, l: torch.tensor(r)[torch.tensor(l).argmin()] / 10,
        lambda r, l: min(zip(l, r))[1] * 0.1,
    ],
    '02 each': lambda: [
        lambda m: [row[i] / sum(row) for i, row in enumerate(m)],
        lambda m: torch.tensor(m).diagonal() / torch.tensor(m).sum(1),
        lambda m: (m / m.sum(axis=1, keepdims=True)).diagonal().astype(np.float32),
    ],
    '02 form': lambda: [
        with_pad,
        with_pillow,
        lambda p: torch.tensor(laid(cut(p))),
        lambda p: laid(cut(p), left=14 - cut(p).shape[1] // 2),
    ],
}
