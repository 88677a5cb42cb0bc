"Wrong tries at the exercises of lesson 4."

SETUP = ''


def honest():
    def inside(c, low, high):
        return low <= c < high

    return [
        (
            lambda c, r, low, high: [b for a, b in zip(c, r) if inside(a, low, high)],
            'the group itself',
        ),
        (
            lambda c, r, low, high: sum(b for a, b in zip(c, r) if inside(a, low, high)),
            'how many are right',
        ),
        (
            lambda c, r, low, high: sum(b for a, b in zip(c, r) if inside(a, low, high)) / len(c),
            'all answers',
        ),
        (
            lambda c, r, low, high: (
                sum(g := [b for a, b in zip(c, r) if low <= a <= high]) / len(g)
            ),
            'One answer too many',
        ),
        (
            lambda c, r, low, high: sum(g := [b for a, b in zip(c, r) if low < a <= high]) / len(g),
            'changed places',
        ),
        (
            lambda c, r, low, high: sum(g := [b for a, b in zip(c, r) if low < a < high]) / len(g),
            'Two answers too few',
        ),
        (lambda c, r, low, high: 0.25, 'wrong for another'),
        (lambda c, r, low, high: sum(r) / len(r) + 0.1, 'belong to the group'),
        (lambda c, r, low, high: sum(r) / len(r), 'of all answers'),
        (
            lambda c, r, low, high: sum(g := [b for a, b in zip(c, r) if low <= a]) / len(g),
            'at least `low`. With',
        ),
        (
            lambda c, r, low, high: sum(g := [b for a, b in zip(c, r) if a < high]) / len(g),
            'less than `high`. With',
        ),
        (0.5, 'not a function'),
    ]


def best(total):
    def cheapest(thresholds, refused, missed, *prices):
        return min(zip(thresholds, refused, missed), key=lambda at: total(at[1], at[2], *prices))[0]

    return cheapest


def threshold():
    def costs(r, m, pr, pm):
        return [pr * a + pm * b for a, b in zip(r, m)]

    return [
        (lambda t, r, m, pr, pm: (c := costs(r, m, pr, pm)).index(min(c)), 'index in the list'),
        (lambda t, r, m, pr, pm: t[(c := costs(r, m, pr, pm)).index(max(c))], 'dearest'),
        (lambda t, r, m, pr, pm: t[(c := costs(r, m, 1, 1)).index(min(c))], 'make no difference'),
        (lambda t, r, m, pr, pm: t[(c := costs(r, m, pm, pr)).index(min(c))], 'changed places'),
        (lambda t, r, m, pr, pm: min(costs(r, m, pr, pm)), 'smallest cost'),
        (lambda t, r, m, pr, pm: t[0], 'You return'),
        (best(lambda r, m, pr, pm: 80 * pr * r + 20 * pm * m), '80 paintings'),
        (best(lambda r, m, pr, pm: abs(pr * r - pm * m)), 'equally large'),
        (best(lambda r, m, pr, pm: max(pr * r, pm * m)), 'the larger'),
        (best(lambda r, m, pr, pm: pr * r * r + pm * m * m), 'You return 0.4'),
        (lambda t, r, m, pr, pm: t[1] if pr == pm else t[0] if pr < pm else t[2], 'the totals are'),
        (0.4, 'not a function'),
    ]


def files():
    risky = ['export.pkl', 'model.pth', 'forest.joblib']
    return [
        ('export.pkl', 'one text'),
        (risky + ['paintings.safetensors'], 'safetensors'),
        (risky + ['paintings.json'], 'JSON is text'),
        (risky + ['photo.jpg'], 'A picture is data'),
        (risky[:2], '1 is missing'),
        (['export.pickle'], 'no file called'),
        (3, 'A list of names'),
    ]


TRIES = {'04 honest': honest, '04 threshold': threshold, '04 files': files}


def right_honest():
    import numpy as np
    import torch

    def masked(c, r, low, high):
        c, r = np.array(c), np.array(r)
        return r[(c >= low) & (c < high)].mean()

    def of_torch(c, r, low, high):
        c, r = torch.tensor(c, dtype=torch.double), torch.tensor(r)
        return r[(c >= low) & (c < high)].float().mean()

    def counted(c, r, low, high):
        inside = [low <= x < high for x in c]
        return sum(i and y for i, y in zip(inside, r)) / inside.count(True)

    return [masked, of_torch, counted]


def right_threshold():
    import numpy as np
    import torch

    return [
        lambda t, r, m, pr, pm: np.array(t)[np.argmin(pr * np.array(r) + pm * np.array(m))],
        lambda t, r, m, pr, pm: torch.tensor(t)[
            (pr * torch.tensor(r) + pm * torch.tensor(m)).argmin()
        ],
        best(lambda r, m, pr, pm: pr * r + pm * m),
    ]


def right_files():
    return [
        {'forest.joblib', 'model.pth', 'export.pkl'},
        ('model.pth', 'forest.joblib', 'export.pkl', 'model.pth'),
        [' export.pkl', 'model.pth ', 'forest.joblib'],
    ]


RIGHT = {
    '04 honest': right_honest,
    '04 threshold': right_threshold,
    '04 files': right_files,
}
