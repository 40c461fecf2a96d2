from netrunner.cli import main

main()
