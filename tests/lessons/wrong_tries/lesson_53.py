"Wrong tries at the exercises of lesson 53."

import torch

SETUP = 'import torch\n'


def parts():
    def changes(gradients, counts):
        for g, n in zip(gradients, counts):
            g *= n
        return sum(gradients) / sum(counts)

    def turned(gradients, counts):
        return sum((sum(counts) - n) * g for g, n in zip(gradients, counts)) / sum(counts)

    weighted = lambda gs, counts: sum(n * g for g, n in zip(gs, counts))
    return [
        (12, 'not a function'),
        (lambda gradients, counts: ..., 'Nothing comes back'),
        (lambda gradients, counts: sum(gradients) / len(gradients), 'the mean of the parts'),
        (weighted, 'the sum over all items'),
        (lambda gs, counts: weighted(gs, counts) / len(counts), 'number of parts'),
        (turned, 'turned round'),
        (changes, 'changes the gradients'),
        (lambda gs, counts: (weighted(gs, counts) / sum(counts)).tolist(), 'a list came back'),
        (lambda gs, counts: (weighted(gs, counts) / sum(counts)).mean(), 'the shape of each'),
        (lambda gs, counts: gs[0], 'the gradient of all is another one'),
    ]


def pack(t):
    return {
        'model': t.model.state_dict(),
        'opt': t.opt.state_dict(),
        'schedule': t.schedule.state_dict(),
        'epoch': t.epoch,
        'random': torch.get_rng_state(),
    }


def unpack_without(*names):
    def unpack(t, packed):
        for name in {'model', 'opt', 'schedule'} - set(names):
            getattr(t, name).load_state_dict(packed[name])
        if 'epoch' not in names:
            t.epoch = packed['epoch']
        if 'random' not in names:
            torch.set_rng_state(packed['random'])

    return unpack


def checkpoint():
    def draws(t):
        torch.rand(1)
        return pack(t)

    def model_itself(t):
        return {**pack(t), 'model': t.model}

    def other_model(t, packed):
        unpack_without('model')(t, packed)
        t.model = packed['model']

    right = unpack_without()
    return [
        (pack, 'Two functions are asked for'),
        ((lambda t: ..., right), 'Nothing is packed yet'),
        ((pack, lambda t, packed: None), 'Nothing is put back yet'),
        ((pack, unpack_without('model')), 'The weights are not those'),
        ((model_itself, other_model), 'the parameters of another model'),
        ((pack, unpack_without('opt')), 'the momentum'),
        ((pack, unpack_without('schedule')), 'how far it was'),
        ((pack, unpack_without('epoch')), 'thinks that it was 0'),
        ((pack, unpack_without('random')), 'random numbers'),
        ((draws, right), 'should only look'),
        ((lambda t: lambda: t, right), 'cannot be saved'),
    ]


def other_checkpoints():
    import copy
    import io

    def whole(t):
        return [t.model.state_dict(), t.opt.state_dict(), t.schedule.last_epoch, t.epoch] + [
            torch.random.get_rng_state()
        ]

    def back(t, packed):
        torch.random.set_rng_state(packed.pop())
        for p, old in zip(t.model.parameters(), packed[0].values()):
            p.data.copy_(old)
        t.opt.load_state_dict(packed[1])
        t.schedule.last_epoch, t.epoch = packed[2], packed[3]

    def as_bytes(t):
        file = io.BytesIO()
        torch.save(copy.deepcopy(pack(t)), file)
        return file.getvalue()

    def from_bytes(t, packed):
        unpack_without()(t, torch.load(io.BytesIO(packed)))
        return t

    return [(pack, unpack_without()), (whole, back), [as_bytes, from_bytes]]


RIGHT = {
    '53 parts': lambda: [
        lambda gradients, counts: torch.stack(
            [g * n / sum(counts) for g, n in zip(gradients, counts)]
        ).sum(0),
        lambda gradients, counts: torch.einsum(
            'n...,n->...', torch.stack(gradients), torch.tensor(counts) / sum(counts)
        ),
        lambda gradients, counts: (
            torch.tensordot(torch.tensor(counts) / 1.0, torch.stack(gradients), 1) / sum(counts)
        ),
    ],
    '53 checkpoint': other_checkpoints,
}
TRIES = {'53 parts': parts, '53 checkpoint': checkpoint}
