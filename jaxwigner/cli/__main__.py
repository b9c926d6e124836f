"""`python -m jaxwigner.cli` is `jaxwigner`."""

from jaxwigner.cli.app import main

if __name__ == "__main__":
    main()
