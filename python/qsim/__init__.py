"""QSim from Python: exact accelerator arithmetic as numpy arrays.

    import qsim

    with qsim.Hardware("int8-acc-wrap", "digits-cnn", data="digits") as hardware:
        images, labels = hardware.test_images()
        print((hardware.predictions(images) == labels).mean())

``run`` runs a study and gives its tables, ``Hardware`` answers for your own images, and ``qsim.torch.Hardware`` (import
``qsim.torch``) is a PyTorch module with straight-through gradients. All of them start the command ``qsim``; which one is said by
their argument ``command``, else by the environment variable QSIM, else it is looked for on PATH.
"""
from ._command import Error, find_command
from ._hardware import Forward, Hardware
from ._server import Server
from ._study import Results, run

__version__ = "0.1.0"
__all__ = ["Error", "Forward", "Hardware", "Results", "Server", "find_command", "run"]
