"""Tables that become cards."""

import pandas as pd

from theory.trial.cards import Table, style


def test_every_cell_carries_the_name_of_its_column_and_nothing_is_markup():
    html = Table({"says < b": ["1 & <i>"], "off": [2]}, ["a <slope>"])._repr_html_()
    assert '<th role="columnheader" scope="col">says &lt; b</th>' in html
    assert '<td role="cell" data-column="says &lt; b">1 &amp; &lt;i&gt;</td>' in html
    assert '<td role="cell" data-column="off">2</td>' in html
    assert '<th role="rowheader" scope="row">a &lt;slope&gt;</th>' in html
    assert style("cards") in html


def test_rows_of_several_levels_have_all_of_them_in_their_names():
    table = Table(pd.concat({"efficiency": Table({"now": ["holds"]}, ["slope"])}))
    assert '<th role="rowheader" scope="row">efficiency: slope</th>' in table._repr_html_()


def test_every_row_and_word_is_shown_whatever_pandas_is_set_to():
    table = Table({"words": ["long " * 50] * 100})
    with pd.option_context("display.max_rows", 2, "display.max_colwidth", 5):
        assert table._repr_html_().count("long " * 50) == 100


def test_a_table_is_a_data_frame():
    table = Table({"verdict": ["holds", "open"], "seeds": [4, 5]}, ["one", "other"])
    assert table.loc["other", "seeds"] == 5
    assert list(table[["verdict"]]["verdict"]) == ["holds", "open"]
