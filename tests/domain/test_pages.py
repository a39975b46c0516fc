from domain.pages import PAGE_MAX, Page, PageWanted, every_entry


def test_a_list_is_read_page_by_page_to_its_end() -> None:
    asked: list[PageWanted] = []
    pages = {
        None: Page(items=(1, 2), next_cursor="b"),
        "b": Page(items=(), next_cursor="c"),
        "c": Page(items=(3,)),
    }

    def read(wanted: PageWanted) -> Page[int]:
        asked.append(wanted)
        return pages[wanted.cursor]

    entries = every_entry(read)

    assert next(entries) == 1
    assert len(asked) == 1, "no page is read before it is needed"
    assert list(entries) == [2, 3]
    assert [one.cursor for one in asked] == [None, "b", "c"]
    assert {one.limit for one in asked} == {PAGE_MAX}
