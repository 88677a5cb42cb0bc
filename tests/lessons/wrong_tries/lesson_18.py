"Wrong tries at the exercises of lesson 18."

import math

import numpy as np

SETUP = ''


def quick(pawn):
    return 8 - pawn[1] - (pawn[1] == 2)


def way(king, pawn):
    return max(abs(king[0] - pawn[0]), 8 - king[1])


def square():
    return [
        (lambda k, p: way(k, p) <= 8 - p[1], 'rank 2'),
        (lambda k, p: abs(k[0] - p[0]) + 8 - k[1] <= quick(p), 'the larger one counts'),
        (lambda k, p: way(k, p) < quick(p), '`<=`'),
        (lambda k, p: way(k, p) <= quick(p) + 1, 'the pawn moves first'),
        (lambda k, p: max(abs(k[0] - p[0]), abs(k[1] - p[1])) <= quick(p), '*last* square'),
        (lambda k, p: True, 'always True'),
        (lambda k, p: way(k, p) >= quick(p), 'it should be'),
        (lambda k, p: way(k, p), 'True or False'),
        (lambda k, p: None, 'Nothing comes back'),
        (True, 'not a function'),
    ]


def values(wins, tries):
    return [w / n + 1.4 * math.sqrt(math.log(sum(tries)) / n) for w, n in zip(wins, tries)]


def by_all(wins, tries):  # The wins divided by all tries
    return [v - w / n + w / sum(tries) for v, w, n in zip(values(wins, tries), wins, tries)]


def own_logarithm(wins, tries):  # The logarithm of the tries of one move
    return [w / n + 1.4 * math.sqrt(math.log(n) / n) for w, n in zip(wins, tries)]


def place(numbers):
    numbers = list(numbers)
    return numbers.index(max(numbers))


def next_try():
    return [
        (lambda w, n: place(a / b for a, b in zip(w, n)), 'hardly tried'),
        (lambda w, n: place(w), 'Divide the wins'),
        (lambda w, n: max(values(w, n)), 'its *place*'),
        (lambda w, n: place(values(w, n)) + 1, 'count from 1'),
        (lambda w, n: place(by_all(w, n)), 'wrong for others'),
        (lambda w, n: place(own_logarithm(w, n)), 'it should be 2'),
        (lambda w, n: 7, 'You return 7'),
        (lambda w, n: None, 'Nothing comes back'),
        (1, 'not a function'),
    ]


def worth():
    return [
        (lambda r, d: sum(r), 'without a discount'),
        (lambda r, d: sum(x * d ** (i + 1) for i, x in enumerate(r)), 'once too often'),
        (lambda r, d: r[0] + sum(x * d for x in r[1:]), 'discount**step'),
        (lambda r, d: sum(x * d**i for i, x in enumerate(r[::-1])), '*last* reward'),
        (lambda r, d: d * sum(r), 'whole sum'),
        (lambda r, d: 3, 'it should be 8.1'),
        (lambda r, d: 12, 'You return 12'),
        (lambda r, d: None, 'Nothing comes back'),
        (3, 'not a function'),
    ]


TRIES = {'18 square': square, '18 try': next_try, '18 worth': worth}


def right_square():
    def one_by_one(king, pawn):
        file, rank = pawn
        steps = 0
        while rank < 8:
            rank += 2 if rank == 2 else 1
            steps += 1
        return not abs(file - king[0]) > steps and 8 - king[1] <= steps

    return [
        one_by_one,
        lambda k, p: int(way(k, p) <= min(5, 8 - p[1])),
        lambda k, p: not way(k, p) > quick(p),
    ]


def right_try():
    return [
        lambda w, n: max(range(len(w)), key=lambda i: values(w, n)[i]),
        lambda w, n: np.argmax(values(w, n)),
        lambda w, n: sorted(range(len(w)), key=lambda i: -values(w, n)[i])[0],
    ]


def right_worth():
    def backwards(rewards, discount):
        value = 0
        for reward in rewards[::-1]:
            value = reward + discount * value
        return value

    return [
        backwards,
        lambda r, d: sum(x * y for x, y in zip(r, [d**i for i in range(99)])),
        lambda r, d: np.polyval(r[::-1], d),
    ]


RIGHT = {'18 square': right_square, '18 try': right_try, '18 worth': right_worth}
