"Wrong tries at the exercise of the start page."

SETUP = ''
TRIES = {
    '00 minutes': lambda: [
        (60, 'one hour'),
        (2, 'hours'),
        ('120', 'text'),
        (119, 'Two have twice as many'),
    ]
}
