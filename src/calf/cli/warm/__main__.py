"""`python -m calf.cli.warm DESCRIPTOR`, as the server starts it."""

import sys

from calf.cli.warm.serving import main

if __name__ == "__main__":
    sys.exit(main())
