"""JupyterHub's own configuration: read by JupyterHub, which course/hub.py starts.

What differs from one hub to another is in the file that WHOLE_GAME_HUB names. Only names on the
list get as far as PAM, so nobody can try passwords of the system's accounts here.
"""

import asyncio
import json
import os
import sys
from pathlib import Path

from jupyterhub.auth import PAMAuthenticator
from jupyterhub.spawner import LocalProcessSpawner

from course.hub_accounts import LESSONS, end_processes, entry
from course.hub_limits import Groups, limit_data
from course.hub_turns import SOCKET

HERE = Path(__file__).resolve().parent
IDLE = 20 * 60  # seconds after which a notebook that nobody has open gives its memory back
QUIET = (
    '--LabApp.news_url=',
    '--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate',
    '--LabApp.extension_manager=readonly',
)


class Listed(PAMAuthenticator):
    "The passwords of the system, for names on the list alone."

    async def authenticate(self, handler, data):
        if data['username'] not in self.allowed_users:
            return None
        return await super().authenticate(handler, data)


class Desk(LocalProcessSpawner):
    "A learner's JupyterLab, with the rights and within the limits of their account."

    def get_env(self):
        env = super().get_env()
        home = Path(env['HOME'])
        # kernels talk through files in the home, which no other account can open
        env |= {'SHELL': '/bin/bash', 'JUPYTER_RUNTIME_DIR': str(home / '.run')}
        env |= {'TMPDIR': str(home / '.tmp'), 'WHOLE_GAME_PROGRESS': self.progress_file()}
        return env

    def progress_file(self):
        return str(Path(told['progress']) / self.user.name / 'progress.json')

    async def stop(self, now=False):
        "End the server, and whatever of this account a stuck one left behind."
        await super().stop(now)
        await asyncio.to_thread(end_processes, entry(self.user.name).pw_uid)

    def make_preexec_fn(self, name):
        become = super().make_preexec_fn(name)
        groups, memory = Groups(told['group']), told['memory']
        groups.make(name, memory, told['processors'])

        def prepare():
            groups.enter(name)
            limit_data(memory)
            become()  # from here on with the learner's rights
            os.umask(0o027)
            for folder in ('.run', '.tmp'):
                os.makedirs(folder, mode=0o700, exist_ok=True)

        return prepare


told = json.loads(Path(os.environ['WHOLE_GAME_HUB']).read_text())
hub = Path(told['hub'])
c = get_config()  # noqa: F821 - JupyterHub gives it

# Where it listens. All but the first address is for this machine alone.
c.JupyterHub.bind_url = f'{"https" if told["cert"] else "http"}://{told["host"]}:{told["port"]}'
c.JupyterHub.ssl_cert, c.JupyterHub.ssl_key = told['cert'], told['key']
c.JupyterHub.hub_ip, c.JupyterHub.hub_port = '127.0.0.1', told['ports'][0]
c.ConfigurableHTTPProxy.api_url = f'http://127.0.0.1:{told["ports"][1]}'
c.ConfigurableHTTPProxy.command = told['proxy']
c.ConfigurableHTTPProxy.pid_file = str(hub / 'proxy.pid')

# What it remembers, in a folder that only root can read.
c.JupyterHub.db_url = f'sqlite:///{hub / "jupyterhub.sqlite"}'
c.JupyterHub.cookie_secret_file = str(hub / 'cookie_secret')
c.JupyterHub.template_paths = [str(HERE / 'hub_templates')]
c.JupyterHub.template_vars = {'memory': f'{told["memory"]:g}'}
c.JupyterHub.cleanup_servers = True

# Who may come in. There is no sign-up; whoever instructs may start and stop everybody's server,
# and may not look into it.
c.JupyterHub.authenticator_class = Listed
c.Authenticator.allowed_users = {*told['names'], told['admin']}
c.Authenticator.any_allow_config = False
c.PAMAuthenticator.open_sessions = False
c.JupyterHub.load_roles = [
    {
        'name': 'instructor',
        'scopes': ['admin-ui', 'list:users', 'admin:servers', 'read:users:activity', 'read:hub'],
        'users': [told['admin']],
    }
]

# What a learner gets.
c.JupyterHub.spawner_class = Desk
c.Spawner.cmd = [told['python'], '-m', 'jupyterhub.singleuser']
c.Spawner.args = [
    *QUIET,
    '--KernelManager.transport=ipc',
    f'--MappingKernelManager.cull_idle_timeout={IDLE}',
    '--MappingKernelManager.cull_interval=60',
]
c.Spawner.notebook_dir = f'~/{LESSONS}'
c.Spawner.default_url = '/lab/tree/00_start_here.ipynb'
c.Spawner.env_keep = ['LANG', 'LC_ALL', 'LC_CTYPE', 'TZ']
c.Spawner.environment = {
    **told['variables'],
    SOCKET: told['turns'],
    'WHOLE_GAME_MEMORY': f'{told["memory"]:g}',
    'OMP_WAIT_POLICY': 'PASSIVE',  # a thread that waits leaves its processor to others
    **dict.fromkeys(
        ('OMP_NUM_THREADS', 'MKL_NUM_THREADS', 'OPENBLAS_NUM_THREADS'), str(told['threads'])
    ),
}
c.Spawner.start_timeout = c.Spawner.http_timeout = 180
c.Spawner.poll_interval = 10

c.JupyterHub.services = [
    {
        'name': 'turns',
        'command': [
            *(sys.executable, '-m', 'course.hub_turns', told['turns']),
            *('--at-once', str(told['at_once']), '--turn', str(told['turn'])),
        ],
    }
]
