"""Train lesson 39's GPT as that lesson does, and write it with its tokeniser to
whole_game/makers/small_gpt.pt, the file that lesson 40 begins with:
`python -m benchmarks.small_gpt`.

The last digits of what training computes differ from processor to processor, so a new file has
another SHA-256. It belongs into whole_game/manifest.toml, and lesson 40's outputs change with it.
"""

import sys
from pathlib import Path

import torch
from torch.nn import functional as F

from whole_game.data import get, sha256
from whole_game.makers.glossary import small_gpt_file
from whole_game.own.gpt import GPT, Tokeniser
from whole_game.own.gpt_file import save_gpt
from whole_game.own.optim import AdamW, DataLoader, one_step
from whole_game.own.schedules import one_cycle

FIRST_NEW = '# Where does a network look?'  # the lesson with which validation begins


def loss_func(logits, y):
    return F.cross_entropy(logits.flatten(0, 1), y.flatten())


def trained(epochs=10, lr=6e-3, seed=42):
    "The model and the tokeniser of lesson 39."
    text = (get('prose') / 'prose.txt').read_text(encoding='utf-8')
    train_text = text[: text.index(FIRST_NEW)]
    tokeniser = Tokeniser(train_text, merges=800, alphabet=text)
    ids = tokeniser.encode(train_text)
    torch.manual_seed(seed)
    model = GPT(len(tokeniser.vocab))
    opt, schedule, steps = AdamW(model.parameters(), lr, weight_decay=0.01), one_cycle(lr), 0
    for epoch in range(epochs):
        rows = ids[7 * epoch :].unfold(0, model.length + 1, model.length)
        loader = DataLoader(rows[:, :-1], rows[:, 1:], bs=16, seed=epoch)
        steps = steps or len(loader)
        for i, (xb, yb) in enumerate(loader, epoch * steps):
            opt.lr = schedule(min(1, i / (epochs * steps)))
            one_step(model, xb, yb, opt, loss_func)
    return model, tokeniser


def nats(model, tokeniser):
    "What the lessons that it has not read cost it, in nats for a character, as lesson 39 measures."
    text = (get('prose') / 'prose.txt').read_text(encoding='utf-8')
    new = text[text.index(FIRST_NEW) :]
    ids = tokeniser.encode(new)
    half = model.length // 2
    rows = ids.unfold(0, model.length + 1, half)
    with torch.no_grad():
        cost = loss_func(model(rows[:, :-1])[:, half:], rows[:, half + 1 :])
    return cost.item() * len(ids) / len(new)


if __name__ == '__main__':
    torch.set_num_threads(1)
    path = Path(sys.argv[1] if sys.argv[1:] else small_gpt_file())
    model, tokeniser = trained()
    save_gpt(model, tokeniser, path)
    print(f'{path}: {nats(model, tokeniser):.3f} nats for a character, SHA-256 {sha256(path)}')
