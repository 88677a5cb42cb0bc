"Wrong tries at the exercises of lesson 11."

import difflib

SETUP = ''


def cost():
    each = lambda s, r, t: [1 if a < t else 0 if b else 4 for a, b in zip(s, r)]
    mean = lambda values: sum(values) / len(values)
    return [
        (lambda s, r, t: sum(each(s, r, t)), 'sum over all'),
        (lambda s, r, t: sum(each(s, r, t)) / sum(a >= t for a in s), 'how many were answered'),
        (lambda s, r, t: mean([4 if a >= t and not b else 0 for a, b in zip(s, r)]), 'silent'),
        (lambda s, r, t: mean([1 if a < t else 0 for a in s]), 'leave out the wrong'),
        (lambda s, r, t: mean([0 if a >= t and b else 1 for a, b in zip(s, r)]), 'both cost 1'),
        (lambda s, r, t: mean([4 if a >= t else 1 for a in s]), 'right answers cost'),
        (lambda s, r, t: mean([1 if a <= t else 4 * (not b) for a, b in zip(s, r)]), 'exactly'),
        (lambda s, r, t: mean([1 if a < t else 2 - 2 * b for a, b in zip(s, r)]), 'costs 2'),
        (lambda s, r, t: mean(each(s, r, 0.55)), 'threshold of 0'),
        (lambda s, r, t: mean(each(s, r, min(t, 0.6))), 'threshold of 2'),
        (lambda s, r, t: sum(each(s, r, t)) / 5, 'right for five'),
        (lambda s, r, t: mean([1 if a > t else 4 * (not b) for a, b in zip(s, r)]), '1.2'),
        (lambda s, r, t: each(s, r, t), 'One number'),
        (1.2, 'not a function'),
    ]


def common():
    def greedy(a, b):
        found, at = 0, 0
        for word in a:
            if word in b[at:]:
                found, at = found + 1, b.index(word, at) + 1
        return found

    def side_by_side(a, b):
        match = difflib.SequenceMatcher(None, a, b, autojunk=False).find_longest_match()
        return match.size

    def blocks(a, b):
        return sum(m.size for m in difflib.SequenceMatcher(None, a, b).get_matching_blocks())

    return [
        (lambda a, b: len(set(a) & set(b)), 'same order'),
        (side_by_side, 'side by side'),
        (greedy, 'jumped too far'),
        (blocks, 'and you return 3'),
        (lambda a, b: sum(x == y for x, y in zip(a, b)), 'side by side'),
        (lambda a, b: right_common()[0](a, b) if a and b else 1, 'An empty list'),
        (lambda a, b: a, 'One number'),
        (3, 'not a function'),
    ]


def twice():
    order = lambda s: sorted(range(len(s)), key=lambda i: -s[i])

    def choose(s, alike, n, limit, against=lambda taken: taken):
        taken = []
        for i in order(s):
            if len(taken) < n and all(alike[i][j] <= limit for j in against(taken)):
                taken.append(i)
        return taken

    def lonely(s, alike, n, limit):
        alone = lambda i: all(alike[i][j] <= limit for j in range(len(s)) if j != i)
        return [i for i in order(s) if alone(i)][:n]

    def strict(s, alike, n, limit):
        taken = []
        for i in order(s):
            if len(taken) < n and all(alike[i][j] < limit for j in taken):
                taken.append(i)
        return taken

    def padded(s, alike, n, limit):
        taken = choose(s, alike, n, limit)
        return taken + [i for i in order(s) if i not in taken][: n - len(taken)]

    def of_all(s, alike, n, limit):
        best = order(s)
        new = lambda k: all(alike[best[k]][j] <= limit for j in best[:k])
        return [i for k, i in enumerate(best) if new(k)][:n]

    return [
        (lambda s, alike, n, limit: order(s)[:n], 'Sentences 1 and 2'),
        (lambda s, a, n, limit: choose(s, a, n, limit, lambda taken: taken[-1:]), 'the last one'),
        (lonely, 'left out both'),
        (strict, 'exactly as alike'),
        (lambda s, a, n, limit: sorted(choose(s, a, n, limit)), 'in the order'),
        (lambda s, a, n, limit: choose(s, a, 3, limit), 'For n = 2'),
        (of_all, 'left out'),
        (lambda s, a, n, limit: choose(s, a, n, 0.6), 'use `limit`'),
        (padded, 'only [1]'),
        (lambda s, a, n, limit: choose(s, a, n, limit)[::-1], 'best score comes first'),
        (lambda s, a, n, limit: len(s), 'A list of indices'),
        ([1, 3, 0], 'not a function'),
    ]


TRIES = {'11 cost': cost, '11 common': common, '11 nothing twice': twice}


def right_cost():
    import numpy as np
    import pandas as pd
    import torch

    def by_numpy(s, r, t):
        s, r = np.array(s), np.array(r)
        return np.where(s < t, 1, np.where(r, 0, 4)).mean()

    def by_torch(s, r, t):
        s, r = torch.tensor(s), torch.tensor(r)
        return torch.where(s < t - 1e-6, 1.0, 4.0 * ~r).mean()

    def by_loop(s, r, t):
        total = 0
        for i in range(len(s)):
            total += 1 if s[i] < t else (0 if r[i] else 4)
        return total / len(s)

    def by_pandas(s, r, t):
        table = pd.DataFrame({'s': s, 'r': r})
        return table.apply(lambda row: 1 if row.s < t else 4 * (not row.r), axis=1).mean()

    return [by_numpy, by_torch, by_loop, by_pandas]


def right_common():
    import numpy as np

    def recursive(a, b):
        if not a or not b:
            return 0
        if a[-1] == b[-1]:
            return 1 + recursive(a[:-1], b[:-1])
        return max(recursive(a[:-1], b), recursive(a, b[:-1]))

    def by_table(a, b):
        table = np.zeros((len(a) + 1, len(b) + 1))
        for i, x in enumerate(a, 1):
            for j, y in enumerate(b, 1):
                above = max(table[i - 1, j], table[i, j - 1])
                table[i, j] = table[i - 1, j - 1] + 1 if x == y else above
        return table[-1, -1]

    def by_row(a, b):
        row = [0] * (len(b) + 1)
        for x in a:
            row = [0] + [row[j] + 1 if x == y else max(row[j + 1], 0) for j, y in enumerate(b)]
            for j in range(1, len(row)):
                row[j] = max(row[j], row[j - 1])
        return row[-1]

    def by_first(a, b):
        from functools import cache

        @cache
        def longest(i, j):
            if i == len(a) or j == len(b):
                return 0
            if a[i] == b[j]:
                return 1 + longest(i + 1, j + 1)
            return max(longest(i + 1, j), longest(i, j + 1))

        return longest(0, 0)

    return [recursive, by_table, by_row, by_first]


def right_twice():
    import numpy as np

    def by_mask(s, alike, n, limit):
        s, alike, taken = np.array(s, float), np.array(alike), []
        while len(taken) < n and np.isfinite(s).any():
            best = int(s.argmax())
            taken.append(best)
            s[alike[best] > limit] = -np.inf
            s[best] = -np.inf
        return taken

    def by_array(s, alike, n, limit):
        return np.array(by_mask(s, alike, n, limit))

    def by_queue(s, alike, n, limit):
        queue, taken = sorted(range(len(s)), key=s.__getitem__, reverse=True), []
        while queue and len(taken) < n:
            taken.append(queue.pop(0))
            queue = [i for i in queue if alike[i][taken[-1]] <= limit]
        return tuple(taken)

    def by_any(s, alike, n, limit):
        taken = []
        for _, i in sorted(((score, i) for i, score in enumerate(s)), reverse=True):
            if not any(alike[j][i] > limit for j in taken):
                taken += [i]
        return taken[:n]

    return [by_mask, by_array, by_queue, by_any]


RIGHT = {'11 cost': right_cost, '11 common': right_common, '11 nothing twice': right_twice}
