"Wrong tries at the exercises of lesson 2."

import numpy as np

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
    ]


def rate():
    place = lambda losses: losses.index(min(losses))
    return [
        (lambda r, l: r[place(l)], 'about to go wrong'),
        (lambda r, l: min(l), 'That is a loss'),
        (lambda r, l: place(l), 'a place in the list'),
        (lambda r, l: max(r), 'largest or the smallest'),
        (lambda r, l: r[place(l)] / 100, 'factor of ten too many'),
        (lambda r, l: 0.01, 'wrong for another'),
        (0.01, 'not a function'),
        (lambda r, l: 0.03, 'You return 0.03'),
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


def form():
    def spoils(photo):
        photo[:] = 255 - photo
        return laid(cut(255 - photo))

    def paper(photo):
        ys, xs = np.nonzero(photo > 50)
        sheet = np.zeros((28, 28))
        sheet[2:6, 1:4] = 255 - photo[ys.min() : ys.max() + 1, xs.min() : xs.max() + 1]
        return sheet

    return [
        (cut, 'wants its sheet'),
        (lambda p: 255 - p, '40 x 36'),
        (lambda p: p[:28, :28], 'still light'),
        (lambda p: np.zeros((28, 28)), 'black all over'),
        (lambda p: laid(cut(p), 0, 0), 'upper left corner'),
        (lambda p: laid(cut(p), 3, 20), 'begins in row 3'),
        (lambda p: laid(cut(p) / 255), 'from 0 to 1'),
        (lambda p: laid(cut(p, more=0)), 'points are missing'),
        (spoils, 'changes the array'),
        (lambda p: laid(255 - p[2:6, 30:33]), 'elsewhere'),
        (paper, 'cut out the paper'),
        (lambda p: laid(cut(p), (28 - 4) / 2), 'a whole number'),
    ]


TRIES = {'02 frozen': frozen, '02 rate': rate, '02 each': each, '02 form': form}
