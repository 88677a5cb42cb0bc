"""Turns: what computes long takes turns, two at a time, over all learners of one server.

Two programs that share this file, so that they speak one language. `serve` is the one that gives
turns, in the order of asking. The other half is an extension of IPython, which `make hub` copies
into the learners' environment: a cell that has computed for five seconds asks for a turn, and waits
for it in words. It uses the standard library alone.

A turn ends with the cell, and with the kernel, because the system closes the connection of a
process that is gone. After three minutes it ends, too, when others wait: then the cell goes to the
end of the queue and on from where it was. So a cell that never ends keeps nobody waiting. An
account has one turn at a time, however many notebooks it has open. Where the queue cannot be
reached, nobody waits.
"""

import argparse
import asyncio
import os
import pwd
import signal
import socket
import struct
import threading
import time

SOCKET = 'WHOLE_GAME_TURNS'  # the variable that tells a kernel where the queue is
FIRST, TICK = 5.0, 1.0  # seconds of computing before a cell asks; between two looks afterwards
AT_ONCE, TURN = 2, 180.0  # how many turns at a time; seconds until one ends when others wait
MOST = 20  # connections of one account


# --- the half that gives turns


class Queue:
    "Who has a turn and who waits; each is a pair (account, what to call with a line for it)."

    def __init__(self, at_once=AT_ONCE, turn=TURN, clock=time.monotonic):
        self.at_once, self.turn, self.clock = at_once, turn, clock
        self.waiting, self.running = [], {}  # running: {pair: when the turn began}

    def ask(self, one):
        self.waiting.append(one)
        self.settle()

    def leave(self, one):
        "Forget one, wherever it is; harmless when it is nowhere."
        if one in self.waiting:
            self.waiting.remove(one)
        self.running.pop(one, None)
        self.settle()

    def next(self):
        "The first who waits and whose account has no turn."
        busy = {account for account, _ in self.running}
        return next((one for one in self.waiting if one[0] not in busy), None)

    def settle(self):
        "End turns that took too long, give those that are free, and tell the others their number."
        for one, since in sorted(self.running.items(), key=lambda item: item[1]):
            full = len(self.running) >= self.at_once
            if full and self.next() and self.clock() - since >= self.turn:
                del self.running[one]
                one[1]('pause')
                self.give()
        while len(self.running) < self.at_once and self.next():
            self.give()
        for n, (_, tell) in enumerate(self.waiting, 1):
            tell(f'wait {n} {len(self.running)}')

    def give(self):
        one = self.next()
        self.waiting.remove(one)
        self.running[one] = self.clock()
        one[1]('go')


def account_of(connection):
    "The number of the account at the other end of a Unix socket; the system says it, not they."
    raw = connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, struct.calcsize('3i'))
    return struct.unpack('3i', raw)[1]


async def serve(listening, at_once=AT_ONCE, turn=TURN):
    "Give turns to all who connect to the socket `listening`, until the task is cancelled."
    queue, here = Queue(at_once, turn), {}

    async def connected(reader, writer):
        account = account_of(writer.get_extra_info('socket'))
        if here.get(account, 0) >= MOST:
            return writer.close()

        def tell(line):
            # a kernel that reads nothing for so long has lost interest
            if writer.transport.get_write_buffer_size() < 4096:
                writer.write(f'{line}\n'.encode())

        one = account, tell
        here[account] = here.get(account, 0) + 1
        queue.ask(one)
        try:
            while await reader.read(100):  # nothing is to be said; the end is what matters
                pass
        except OSError:
            pass
        finally:
            queue.leave(one)
            here[account] -= 1
            writer.close()

    server = await asyncio.start_unix_server(connected, sock=listening)
    async with server:
        while True:
            await asyncio.sleep(1)
            queue.settle()


def listen(path):
    "A socket at `path` that everybody on this machine may connect to."
    if os.path.exists(path):
        os.unlink(path)
    listening = socket.socket(socket.AF_UNIX)
    listening.bind(path)
    os.chmod(path, 0o666)
    listening.listen(100)
    return listening


def drop_rights():
    "Go on as nobody, who may do nothing; root alone can."
    if os.geteuid() == 0:
        nobody = pwd.getpwnam('nobody')
        os.setgroups([])
        os.setgid(nobody.pw_gid)
        os.setuid(nobody.pw_uid)


def main(argv=None):
    parser = argparse.ArgumentParser(prog='python -m course.hub_turns', description='Give turns.')
    parser.add_argument('socket', help='where to listen')
    parser.add_argument('--at-once', type=int, default=AT_ONCE)
    parser.add_argument('--turn', type=float, default=TURN, help='seconds')
    args = parser.parse_args(argv)
    listening = listen(args.socket)
    drop_rights()
    signal.signal(signal.SIGINT, signal.SIG_DFL)  # how the hub ends it
    asyncio.run(serve(listening, args.at_once, args.turn))


# --- the half in a kernel


ORDER = {1: 'next', 2: 'second', 3: 'third', 4: 'fourth', 5: 'fifth', 6: 'sixth'}


def in_words(number, running):
    "What a person reads who waits: 'You are third in the queue ...'."
    place = ORDER.get(number) or f'number {number}'
    train = {0: 'Nobody trains yet', 1: 'One other trains'}.get(running, f'{running} others train')
    return (
        f'Waiting for your turn: you are {place} in the queue. {train} on this server just now, and'
        ' this cell goes on by itself. To give up, press the stop button.'
    )


class Turns:
    "Asks for a turn when a cell computes long, and gives it back with the cell."

    def __init__(self, path, show):
        self.path, self.show = path, show  # show(text) shows text, and replaces it by the next
        self.connection, self.depth, self.rest = None, 0, b''

    # A cell may run another (%run): the outermost counts.
    def begin(self, *_):
        if threading.current_thread() is not threading.main_thread():
            return  # a cell of a subshell; signals go to the main thread alone
        self.depth += 1
        if self.depth == 1:
            signal.signal(signal.SIGPROF, self.tick)
            signal.setitimer(signal.ITIMER_PROF, FIRST, TICK)

    def end(self, *_):
        if threading.current_thread() is not threading.main_thread():
            return
        self.depth = max(self.depth - 1, 0)
        if self.depth == 0:
            signal.setitimer(signal.ITIMER_PROF, 0)
            self.give_back()

    def give_back(self):
        if self.connection:
            self.connection.close()
        self.connection, self.rest = None, b''

    def tick(self, *_):
        """Called by the system, in the middle of a cell, after each second in which it computed:
        nothing else that a cell does goes on until this returns."""
        signal.setitimer(signal.ITIMER_PROF, 0)
        try:
            if not self.connection or 'pause' in self.heard(0):
                self.give_back()
                self.wait()
        except OSError:  # no queue, so nobody waits
            self.give_back()
            return
        except BaseException:  # the stop button
            self.give_back()
            raise
        signal.setitimer(signal.ITIMER_PROF, TICK, TICK)

    def heard(self, seconds):
        "The lines that came within some seconds; OSError when nobody is there any more."
        self.connection.settimeout(seconds)
        try:
            came = self.connection.recv(65536)
        except (BlockingIOError, TimeoutError):
            return []
        if not came:
            raise ConnectionError('the queue is gone')
        *lines, self.rest = (self.rest + came).split(b'\n')
        return [line.decode() for line in lines]

    def wait(self):
        self.connection, since, shown = socket.socket(socket.AF_UNIX), time.monotonic(), ''
        self.connection.settimeout(5)
        self.connection.connect(self.path)
        while True:
            for line in self.heard(5):
                if line == 'go':
                    if shown:
                        waited = time.monotonic() - since
                        self.show(f'This cell waited {waited:.0f} seconds for its turn.')
                    return
                _, number, running = line.split()
                text = in_words(int(number), int(running))
                if text != shown:
                    self.show(text)
                    shown = text


class Shown:
    "Text under a cell that the next text replaces."

    def __init__(self):
        self.handle = None

    def new_cell(self, *_):
        self.handle = None

    def __call__(self, text):
        from IPython.display import display

        if self.handle:
            self.handle.update({'text/plain': text}, raw=True)
        else:
            self.handle = display({'text/plain': text}, raw=True, display_id=True)


def memory_in_words(result):
    "After a cell that ended because memory was used up, say what to do."
    wrong = result.error_in_exec
    # PyTorch says it in a RuntimeError: "not enough memory", "can't allocate memory"
    if isinstance(wrong, MemoryError) or (
        isinstance(wrong, RuntimeError) and 'memory' in str(wrong).lower()
    ):
        most = os.environ.get('WHOLE_GAME_MEMORY')
        print(
            '\nThe memory is used up.\n'
            f'Why: on this server everybody has {f"{most} GB" if most else "a part"} of it, so that'
            ' nobody takes it from others.\n'
            'What to do now: close other notebooks for good (menu Kernel, Shut Down All Kernels),'
            ' then open this one and run it again. If it happens again, use smaller batches.'
        )


def load_ipython_extension(shell):
    "What IPython calls in each kernel of the learners' environment."
    shell.events.register('post_run_cell', memory_in_words)
    if os.environ.get(SOCKET):
        shown = Shown()
        turns = Turns(os.environ[SOCKET], shown)
        for event, act in (
            ('pre_run_cell', shown.new_cell),
            ('pre_run_cell', turns.begin),
            ('post_run_cell', turns.end),
        ):
            shell.events.register(event, act)


if __name__ == '__main__':
    main()
