"What a process needs: the most memory it held, and its processor seconds."

import threading

import psutil


class Usage(threading.Thread):
    """Looks at a process and its children a few times a second: `memory_mb` is the most they held,
    `processor` the seconds of processor time they have used."""

    def __init__(self, pid):
        super().__init__(daemon=True)
        self.pid, self.memory_mb, self.processor, self.done = pid, 0, 0.0, threading.Event()
        self.start()

    def run(self):
        while True:
            self.look()
            if self.done.wait(0.2):
                return

    def look(self):
        try:
            top = psutil.Process(self.pid)
            every = [top, *top.children(recursive=True)]
            memory = sum(process.memory_info().rss for process in every)
            times = [process.cpu_times() for process in every]
        except psutil.Error:
            return
        gone = times[0].children_user + times[0].children_system  # children that have ended
        used = gone + sum(time.user + time.system for time in times)
        self.memory_mb = max(self.memory_mb, round(memory / 1e6))
        self.processor = max(self.processor, used)

    def stop(self):
        "Look once more and end; while the process is still there."
        self.look()
        self.done.set()
        self.join()
        return self
