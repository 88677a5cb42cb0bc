"Wrong tries at the exercises of lesson 50."

from whole_game.modelcard import interval

SETUP = 'from whole_game.modelcard import interval\n'


def grown(stop):
    "The first n at which `stop(low, high, share, width)` holds."

    def needed(share, width):
        n = 1
        while not stop(*interval(round(share * n), n), share, width):
            n += 1
        return n

    return needed


def bisected(share, width):
    "Another way to be right: double, then halve the gap."
    wide = lambda n: interval(round(share * n), n)
    low, high = 1, 2
    while wide(high)[1] - wide(high)[0] > width:
        low, high = high, 2 * high
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if wide(middle)[1] - wide(middle)[0] > width else (low, middle)
    return high


def small():
    right = {
        'plums': None,
        'storms': 'hour',
        'choir': 'asked',
        'essays': 'question',
        'tablets': 'harm',
    }
    return [
        (dict.fromkeys(right), '4 of the five'),
        ({**right, 'plums': 'new'}, 'Read plums again'),
        ({**right, 'choir': 'new'}, 'made for'),
        ({**right, 'storms': 'number'}, 'thirty photographs'),
        ({**right, 'tablets': 'asked', 'essays': 'hour'}, 'Read essays again'),
        ({**right, 'tablets': 'danger'}, "'danger'"),
        ({'plums': None}, 'Not answered'),
        ('harm', 'A dict'),
    ]


def needed():
    return [
        (grown(lambda low, high, share, width: high - low <= width / 2), 'half that width'),
        (grown(lambda low, high, share, width: (high - low) / 2 <= width), 'half of the interval'),
        (grown(lambda low, high, share, width: share - low <= width), 'below the share'),
        (lambda share, width: 1, 'one item is not enough'),
        (lambda share, width: grown(lambda l, h, s, w: h - l <= w)(0.9, width), 'other numbers'),
        (lambda share, width: interval(90, 100), 'several numbers'),
        (lambda share, width: 20, 'still too wide'),
        (lambda share, width: 1000, 'Fewer are enough'),
        (lambda share, width: None, 'Nothing comes back'),
        (38, 'not a function'),
    ]


def decide():
    def by_share(right, n, guessing, good):
        share = right / n
        return 'done' if share >= good else 'stop' if share <= guessing else 'go on'

    def never_stops(right, n, guessing, good):
        return 'done' if interval(right, n)[0] >= good else 'go on'

    def stops_below_good(right, n, guessing, good):
        return 'done' if interval(right, n)[0] >= good else 'stop'

    return [
        (by_share, '55 of 60'),
        (never_stops, '19 of 30'),
        (stops_below_good, '55 of 60'),
        (lambda right, n, guessing, good: True, 'You return True'),
        (lambda right, n, guessing, good: 'done' if right > 300 else None, 'nothing comes back'),
        (lambda right, n, guessing, good: ..., 'three dots'),
        ('done', 'not a function'),
    ]


TRIES = {'50 small': small, '50 needed': needed, '50 decide': decide}

RIGHT = {
    '50 small': lambda: [
        {
            'plums': 'None',
            'storms': 'Hour',
            'choir': 'asked ',
            'essays': 'question',
            'tablets': 'harm',
        },
        dict(tablets='HARM', essays='question', choir='asked', storms='hour', plums='none'),
        dict(plums='', storms='hour', choir='asked', essays='question', tablets='harm', more=1),
    ],
    '50 needed': lambda: [
        bisected,
        grown(lambda low, high, share, width: not high - low > width),
        lambda share, width: next(
            n
            for n in range(1, 10_000)
            if interval(round(share * n), n)[1] - interval(round(share * n), n)[0] <= width
        ),
    ],
    '50 decide': lambda: [
        lambda right, n, guessing, good: (
            'stop'
            if interval(right, n)[0] <= guessing
            else ('go on', 'done')[interval(right, n)[0] >= good]
        ),
        lambda right, n, guessing, good: (
            'done'
            if min(interval(right, n)) >= good
            else 'go on'
            if min(interval(right, n)) > guessing
            else 'stop'
        ),
        lambda right, n, guessing, good: ['stop', 'go on', 'done'][
            (interval(right, n)[0] > guessing) + (interval(right, n)[0] >= good)
        ],
    ],
}
