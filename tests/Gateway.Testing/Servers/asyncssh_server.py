"""asyncssh: SFTP and a shell side by side. Arguments: port, root, user, host key, authorized keys.

Besides the key it takes the password as the answer to a question only (keyboard-interactive).
"""
import asyncio
import os
import sys

import asyncssh

port, root, user, host_key, authorized_keys = sys.argv[1:6]
password = os.environ["SERVER_PASSWORD"]


class Server(asyncssh.SSHServer):
    def password_auth_supported(self):
        return True

    def validate_password(self, username, given):
        return username == user and given == password


async def shell(process):
    # Whoever asks for anything but the subsystem gets this instead of SFTP.
    process.stdout.write("a shell that speaks no SFTP\n")
    process.exit(0)


async def main():
    server = await asyncssh.listen(
        "127.0.0.1", int(port), server_factory=Server, server_host_keys=[host_key],
        authorized_client_keys=authorized_keys, password_auth=False, kbdint_auth=True, process_factory=shell,
        sftp_factory=lambda channel: asyncssh.SFTPServer(channel, chroot=root))
    print("READY", flush=True)
    await server.wait_closed()


asyncio.run(main())
