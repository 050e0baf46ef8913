"""pyftpdlib with TLS on both channels: explicit only. Arguments: port, first and last passive port, root, user, certificate."""
import sys
import os
import warnings

warnings.simplefilter("ignore")
from pyftpdlib.authorizers import DummyAuthorizer
from pyftpdlib.handlers import TLS_FTPHandler, FTPHandler
from pyftpdlib.servers import FTPServer

port, first, last, root, user, certificate = sys.argv[1:7]
authorizer = DummyAuthorizer()
authorizer.add_user(user, os.environ["SERVER_PASSWORD"], root, perm="elradfmwMT")
handler = TLS_FTPHandler if certificate else FTPHandler
handler.authorizer = authorizer
handler.passive_ports = range(int(first), int(last) + 1)
handler.use_sendfile = False
handler.auth_failed_timeout = 0
if certificate:
    handler.certfile = certificate
    handler.tls_control_required = True
    handler.tls_data_required = True
FTPServer(("127.0.0.1", int(port)), handler).serve_forever()
