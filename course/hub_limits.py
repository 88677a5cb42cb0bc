"""How much memory and processor an account may use on a shared server, where the system can limit
it.

Control groups of Linux do it for all processes of an account together, in both of their versions.
Below that, for each process alone, a limit on its data (RLIMIT_DATA): a notebook that wants more
gets an error in words, and its kernel lives on. Which of them are in force is tried, not guessed.
"""

import contextlib
import os
import resource
from pathlib import Path

TREE = Path('/sys/fs/cgroup')
PERIOD = 100_000  # microseconds in which a group's share of the processors is counted
LESS = 0.9  # of an account's memory may one process take


class Groups:
    "The control groups of one hub: a group `name`, and below it one for each account."

    def __init__(self, name, tree=TREE):
        self.name, self.tree = name, Path(tree)
        self.second = (self.tree / 'cgroup.controllers').exists()  # version 2: one tree for all

    def folders(self, account):
        "Where an account's group is, by what it limits: {'memory': folder, 'cpu': folder}."
        tops = {kind: self.tree / ('' if self.second else kind) for kind in ('memory', 'cpu')}
        return {kind: top / self.name / account for kind, top in tops.items()}

    def make(self, account, gigabytes, processors):
        "Make an account's group; what is limited now, in words, and why something is not."
        done, failed = [], []
        values = {
            'memory': f'{int(gigabytes * 2**30)}',
            'cpu': f'{int(processors * PERIOD)}',
        }
        files = (
            {'memory': 'memory.max', 'cpu': 'cpu.max'}
            if self.second
            else {'memory': 'memory.limit_in_bytes', 'cpu': 'cpu.cfs_quota_us'}
        )
        for kind, folder in self.folders(account).items():
            try:
                folder.mkdir(parents=True, exist_ok=True)
                if self.second:
                    for above in (folder.parent.parent, folder.parent):
                        (above / 'cgroup.subtree_control').write_text('+memory +cpu')
                (folder / files[kind]).write_text(values[kind])
                if (folder / files[kind]).read_text().split()[0] != values[kind]:
                    raise OSError(0, f'{files[kind]} keeps another value')
                done.append(kind)
            except OSError as e:
                failed.append(f'{kind}: {e.strerror or e}')
        return done, failed

    def enter(self, account):
        "Put this process, and all it starts, into the account's group."
        for folder in set(self.folders(account).values()):
            with contextlib.suppress(OSError):
                (folder / 'cgroup.procs').write_text(str(os.getpid()))

    def remove(self, account):
        "Remove the group; a group in which something runs stays."
        for folder in set(self.folders(account).values()):
            with contextlib.suppress(OSError):
                folder.rmdir()
            with contextlib.suppress(OSError):
                folder.parent.rmdir()


def limit_data(gigabytes):
    "Let no process take more than nearly all of the account's memory for its data."
    most = int(gigabytes * LESS * 2**30)
    resource.setrlimit(resource.RLIMIT_DATA, (most, most))


def in_force(groups, gigabytes, processors, account='trial'):
    "Which limits this system keeps, in one sentence for the administrator."
    done, failed = groups.make(account, gigabytes, processors)
    groups.remove(account)
    words = {
        'memory': f'{gigabytes:g} GB of memory',
        'cpu': f'{processors:g} processor{"s" if processors != 1 else ""}',
    }
    said = f'{gigabytes * LESS:.1f} GB of memory for a notebook'
    if done:
        said = ' and '.join(words[kind] for kind in done) + f' for an account, and {said}'
    if failed:
        said += (
            f'. Not for a whole account, because this system does not let me ({"; ".join(failed)})'
        )
    return f'Limits in force: {said}.'
