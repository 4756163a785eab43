"""Problems of cells as text and as a table."""

from __future__ import annotations

from nof1.errors import Problem, TableError
from nof1.scores.problems import cell_problem, from_sentence, problem_rows, told


def test_a_problem_is_a_line_and_a_row_of_a_table():
    """Row, column, found, expected, in words and in columns."""
    problem = cell_problem(3, "value", "0,5", "write 0.5")
    assert str(problem) == "row 3, value: found '0,5'; write 0.5"
    assert problem_rows([problem]) == (("3", "value", "0,5", "write 0.5"),)


def test_a_sentence_is_taken_over_whole():
    """What a reader of single values says is not said again in other words."""
    problem = from_sentence(4, "at", "x", "found 'x'; write a date")
    assert (str(problem), problem.expected) == ("row 4, at: found 'x'; write a date", "write a date")
    assert from_sentence(4, "at", "x", "no such thing").expected == "no such thing"


def test_a_problem_of_the_file_has_no_row():
    """Another kind of problem finds its place in the same table."""
    assert problem_rows([cell_problem(None, "", "", "empty"), Problem(where="design", message="odd")]) == (
        ("", "", "", "empty"),
        ("", "design", "", "odd"),
    )


def test_problems_are_told_in_the_order_of_the_file():
    """First the file, then row by row; within a row as found."""
    ordered = told(
        [
            cell_problem(9, "a", "", "x"),
            cell_problem(2, "b", "", "y"),
            cell_problem(2, "a", "", "z"),
            cell_problem(None, "", "", "w"),
        ]
    )
    assert [(p.row, p.name) for p in ordered] == [(None, ""), (2, "b"), (2, "a"), (9, "a")]


def test_the_error_of_a_table_lists_them():
    """One refusal holds all of it."""
    error = TableError(
        "scores.csv", [cell_problem(3, "value", "0,5", "write 0.5"), cell_problem(4, "at", "", "empty")]
    )
    assert str(error).splitlines() == [
        "scores.csv: 2 problems",
        "  row 3, value: found '0,5'; write 0.5",
        "  row 4, at: empty",
    ]
