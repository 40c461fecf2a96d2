__version__ = "0.1.0"
import pluggy
from netrunner.network import Activation
hookimpl = pluggy.HookimplMarker("netrunner")
