import Testing
import Time

struct `Date patterns` {
    @Test(arguments: [
        ("dd/MM/yyyy", "29/02/2024", "2024-02-29"), ("d.M.yyyy", "1.9.1999", "1999-09-01"),
        ("d.M.yyyy", "31.12.1999", "1999-12-31"),
        ("yyyyMMdd", "20240229", "2024-02-29"), ("dd-MMM-yyyy", "28-FEB-1997", "1997-02-28"),
        ("d MMM yyyy", "5 sep 2001", "2001-09-05"),
        ("MM/dd/yyyy", "12/28/1997", "1997-12-28"), ("yyyy'年'M'月'd'日'", "2024年2月9日", "2024-02-09"),
        ("yyyy年MM月dd日", "2024年02月09日", "2024-02-09"),
        ("'on' dd''MM''yyyy", "on 01'02'2003", "2003-02-01"), ("'it''s' ddMMyyyy", "it's 01022003", "2003-02-01"),
        ("dMMMyyyy", "7Mar2020", "2020-03-07"),
        ("yyyy-MM-dd'T00:00:00'", "2024-02-29T00:00:00", "2024-02-29"),
    ])
    func `a date is read`(pattern: String, text: String, iso: String) throws {
        #expect(try DatePattern(pattern).parse(text)?.description == iso)
    }

    @Test(arguments: [
        ("dd/MM/yyyy", "31/02/2024"), ("dd/MM/yyyy", "12/28/1997"), ("dd/MM/yyyy", "1/2/2024"),
        ("dd/MM/yyyy", "01/02/24"),
        ("dd/MM/yyyy", "01/02/2024 "), ("dd/MM/yyyy", " 01/02/2024"), ("dd/MM/yyyy", "01-02-2024"), ("dd/MM/yyyy", ""),
        ("dd/MM/yyyy", "01/02/"),
        ("dd/MM/yyyy", "٠١/٠٢/٢٠٢٤"), ("dd/MM/yyyy", "00/01/2024"), ("dd/MM/yyyy", "01/00/2024"),
        ("dd/MM/yyyy", "01/01/0000"),
        ("dd/MM/yyyy", "+1/02/2024"), ("d.M.yyyy", "01.2.2024"), ("d.M.yyyy", "1.02.2024"), ("d.M.yyyy", "123.2.2024"),
        ("d.M.yyyy", "0.1.2024"),
        ("dd-MMM-yyyy", "28-Fev-1997"), ("dd-MMM-yyyy", "28-Fe"), ("yyyyMMdd", "2024022"), ("yyyyMMdd", "202402290"),
        ("yyyy年MM月dd日", "2024年02月09"),
    ])
    func `what is not written so, or is no day, is no date`(pattern: String, text: String) throws {
        #expect(try DatePattern(pattern).parse(text) == nil)
    }

    @Test(arguments: [
        (1950, "49", 2049), (1950, "50", 1950), (1950, "99", 1999), (1900, "00", 1900), (1990, "89", 2089),
        (2000, "99", 2099),
    ])
    func `two digits of a year lie in the hundred years of the pivot`(pivot: Int, year: String, full: Int) throws {
        #expect(try DatePattern("d.M.yy", pivot: pivot).parse("1.1.\(year)")?.year == full)
    }

    @Test(arguments: [
        ("dd/mm/yyyy", 3, "M is the month"), ("DD/MM/yyyy", 0, "d is the day"), ("dd/MM/yy", 6, "century"),
        ("dd/MM", 5, "year is missing"),
        ("MM/yyyy", 7, "day is missing"), ("", 0, "day is missing"), ("dd/MM/yyyy'", 10, "not closed"),
        ("dd/MM/yyyy d", 11, "day stands twice"),
        ("dMyyyy", 1, "where d ends"), ("ddMyyyy", 3, "where M ends"), ("d'1'MM/yyyy", 1, "where d ends"),
        ("dd/MMMM/yyyy", 3, "MMMM is not known"),
        ("dd/MM/yyyyThh", 10, "T is not known"), ("y/MM/dd", 0, "y is not known"),
        ("dd/MM/yyyyyy", 6, "yyyyyy is not known"),
    ])
    func `a pattern that can't be meant names the place`(pattern: String, offset: Int, word: String) {
        let error = #expect(throws: DatePatternError.self) { try DatePattern(pattern) }
        #expect(error?.offset == offset)
        #expect(error?.message.contains(word) == true, "\(error?.message ?? "")")
    }
}
