"Wrong tries at the exercises of lesson 4."

SETUP = ''


def top():
    return [
        (lambda p, n: sorted(zip(p, n), reverse=True)[:3], 'pairs'),
        (lambda p, n: [m for q, m in sorted(zip(p, n), reverse=True)], 'top three'),
        (lambda p, n: [m for q, m in sorted(zip(p, n))][-3:], 'stands last'),
        (lambda p, n: n[:3], 'first three of the list'),
        (lambda p, n: sorted(n, reverse=True)[:3], 'alphabet'),
        (lambda p, n: sorted(p, reverse=True)[:3], 'Numbers come back'),
        (lambda p, n: ['mosaic', 'woodblock', 'swirl'], 'wrong for another'),
        (lambda p, n: ['cubist', 'mosaic', 'swirl'], 'second and the fourth'),
        (['mosaic', 'woodblock', 'swirl'], 'not a function'),
    ]


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
            'One answer too few',
        ),
        (lambda c, r, low, high: 0.5, 'wrong for another'),
        (lambda c, r, low, high: sum(r) / len(r) + 0.1, 'belong to the group'),
        (0.5, 'not a function'),
    ]


def threshold():
    def costs(r, m, pr, pm):
        return [pr * a + pm * b for a, b in zip(r, m)]

    return [
        (lambda t, r, m, pr, pm: (c := costs(r, m, pr, pm)).index(min(c)), 'place in the list'),
        (lambda t, r, m, pr, pm: t[(c := costs(r, m, pr, pm)).index(max(c))], 'dearest'),
        (lambda t, r, m, pr, pm: t[(c := costs(r, m, 1, 1)).index(min(c))], 'make no difference'),
        (lambda t, r, m, pr, pm: t[(c := costs(r, m, pm, pr)).index(min(c))], 'changed places'),
        (lambda t, r, m, pr, pm: min(costs(r, m, pr, pm)), 'smallest cost'),
        (lambda t, r, m, pr, pm: t[0], 'You return'),
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
    ]


TRIES = {'04 top': top, '04 honest': honest, '04 threshold': threshold, '04 files': files}
