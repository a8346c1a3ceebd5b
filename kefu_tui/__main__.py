"""`python -m kefu_tui` is `kefu`."""

import sys

from kefu_tui.cli.start import main

if __name__ == "__main__":
    sys.exit(main())
