"""Takes an assignment to where work is collected: Gradescope, GitHub Classroom, nbgrader."""
