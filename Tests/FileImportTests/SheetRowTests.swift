import ConnectorKit
import FileImport
import Testing

@Suite struct `Rows of a sheet` {
    private func read(
        _ rows: String,
        texts: String? = nil,
        formats: [String] = [],
        is1904: Bool = false,
        _ change: (inout SheetOptions) -> Void = { _ in }
    ) throws -> SheetReading {
        var options = SheetOptions()
        change(&options)
        let bytes = WorkbookMaker.sheet(rows, texts: texts, formats: formats, is1904: is1904).archive()
        let reading = try readSheet(bytes, options)
        let parsed = try readSheet(bytes, options, usesScanner: false)
        #expect(reading == parsed, "the scanner and expat agree")
        return reading
    }

    // MARK: - Where they are

    @Test func `rows come with the numbers that Excel shows`() throws {
        let reading = try read(
            """
            <row r="2"><c r="B2" t="str"><v>id</v></c><c r="C2" t="str"><v>name</v></c></row>
            <row r="3"><c r="B3"><v>1</v></c><c r="C3" t="str"><v>Ada</v></c></row>
            <row r="7"><c r="C7" t="str"><v>Bo</v></c></row>
            <row r="8"/><row r="9"><c r="B9" s="1"/></row>
            <row r="10"><c r="B10"><v>3</v></c></row>
            <row r="11"/><row r="12"/>
            """
        )
        #expect(reading.columns == ["id", "name"])
        #expect(reading.values == [["1", "Ada"], ["", "Bo"], ["3", ""]])
        #expect(reading.rows.map(\.line) == [3, 7, 10])
        #expect(reading.isComplete && reading.locator == "row" && reading.source == "book.xlsx, sheet Data")
        #expect(reading.warnings == ["5 blank rows were skipped."])
    }

    @Test func `hidden rows are read and counted`() throws {
        let reading = try read(
            """
            <row><c t="str"><v>a</v></c></row><row hidden="1"><c><v>1</v></c></row><row hidden="true"><c><v>2</v></c></row>
            <row hidden="0"><c><v>3</v></c></row>
            """
        )
        #expect(reading.values == [["1"], ["2"], ["3"]])
        #expect(reading.warnings == ["2 rows are hidden in Excel, by a filter or by hand, and read like any other."])
    }

    @Test func `a value beside the named columns is left out and said`() throws {
        let reading = try read(
            """
            <row><c r="B1" t="str"><v>a</v></c><c r="C1" t="str"><v>b</v></c></row>
            <row><c r="B2"><v>1</v></c><c r="E2" t="str"><v>call him</v></c></row>
            <row><c r="A3" t="str"><v>x</v></c></row>
            """
        )
        #expect(reading.values == [["1", ""]])
        #expect(
            reading.warnings == ["2 values were left out beside the named columns B:C, the first in E2."]
        )
    }

    @Test func `cells may stand in any order, and the last of two in one place counts`() throws {
        let reading = try read(
            """
            <row r="1"><c r="B1" t="str"><v>b</v></c><c r="A1" t="str"><v>a</v></c></row>
            <row r="2"><c r="B2"><v>2</v></c><c r="A2"><v>1</v></c><c r="B2"><v>3</v></c></row>
            """
        )
        #expect(reading.columns == ["a", "b"] && reading.values == [["1", "3"]])
    }

    // MARK: - The header

    @Test func `titles above the header are passed over and said`() throws {
        let rows = WorkbookMaker.rows([["Staff 2025"], [], ["as of June"], ["", "id", "name"], ["", "1", "Ada"]])
        let found = try read(rows)
        #expect(found.columns == ["id", "name"] && found.values == [["1", "Ada"]])
        #expect(
            found.warnings == [
                "Above the header 2 rows were passed over as titles: 1, 3. Set header to true if the first of them names the "
                    + "columns."
            ]
        )
        let told = try read(rows) { $0.hasHeader = true }
        #expect(told.columns == ["Staff 2025"] && told.values == [["as of June"]])
    }

    @Test func `one column of many rows has its first row as the header`() throws {
        let reading = try read(WorkbookMaker.rows([["id"]] + (1...30).map { ["x\($0)"] }))
        #expect(reading.columns == ["id"] && reading.rows.count == 30 && reading.warnings.isEmpty)
    }

    @Test func `empty and repeated names are made unique`() throws {
        let reading = try read(WorkbookMaker.rows([["id", "", "name", "name"], ["1", "2", "3", "4"]]))
        #expect(reading.columns == ["id", "column_2", "name", "name_2"] && reading.values == [["1", "2", "3", "4"]])
    }

    @Test func `without a header all columns that hold something are read`() throws {
        let reading = try read(
            """
            <row><c r="B1"><v>1</v></c></row><row><c r="C2"><v>2</v></c></row><row/><row><c r="E4"><v>3</v></c></row>
            """
        ) { $0.hasHeader = false }
        #expect(reading.columns == ["column_1", "column_2", "column_3", "column_4"])
        #expect(reading.values == [["1", "", "", ""], ["", "2", "", ""], ["", "", "", "3"]])
    }

    @Test func `a header of numbers is doubted`() throws {
        let reading = try read("<row><c><v>1</v></c><c><v>2</v></c></row><row><c><v>3</v></c><c><v>4</v></c></row>")
        #expect(reading.columns == ["1", "2"] && reading.values == [["3", "4"]])
        #expect(reading.warnings.first?.contains("looks like data") == true)
    }

    @Test func `a sheet without values says so`() throws {
        let reading = try read("<row r=\"5\"><c r=\"A5\" s=\"1\"/></row>")
        #expect(reading.failure?.code == "sheet_empty" && reading.failure?.message.contains("“Data”") == true)
    }

    @Test func `a name that is ours is refused`() throws {
        #expect(try read(WorkbookMaker.rows([["_tf_at", "b"], ["1", "2"]])).failure?.code == "header_reserved")
    }

    // MARK: - Values

    @Test(
        arguments: [
            ("1500", "1500"), ("0", "0"), ("-0", "0"), ("007", "7"), ("+5", "5"), (".5", "0.5"), ("5.", "5"),
            ("1.50", "1.5"),
            (" 12 ", "12"), ("1E3", "1000"), ("-1.5e-7", "-0.00000015"), ("0.30000000000000004", "0.3"),
            ("12345678901234567890", "12345678901234567890"), ("123456789012345", "123456789012345"),
            ("1234567890123456", "1234567890123456"), (" 100000000000000001\n", "100000000000000001"),
            ("-12345678901234567", "-12345678901234567"), ("1.2345678901234567E+19", "12345678901234600000"),
            ("1234567890123456.5", "1234567890123460"), ("0.1234567890123456", "0.123456789012346"),
            ("1e22", "10000000000000000000000"), ("2.5E-10", "0.00000000025"), ("99.99", "99.99"), ("1e400", "1e400"),
            ("abc", "abc"), ("1,5", "1,5"), ("0x10", "0x10"), ("NaN", "NaN"), ("1e", "1e"), ("--1", "--1"),
        ]) func `a number has the fifteen digits that Excel shows, a whole one all that it has`(
            written: String,
            text: String
        )
        throws
    {
        let reading = try read("<row><c t=\"str\"><v>n</v></c></row><row><c><v>\(written)</v></c></row>")
        #expect(reading.values == [[text]])
    }

    @Test(
        arguments: [
            ("dd/mm/yyyy", "45351", "2024-02-29"), ("[$-401]dd/mm/yyyy", "45351", "2024-02-29"),
            ("[$-F800]dddd, mmmm dd, yyyy", "45351.5", "2024-02-29T12:00:00"), ("B2dd/mm/yyyy", "45351", "2024-02-29"),
            ("yyyy-mm-dd hh:mm:ss", "45351", "2024-02-29T00:00:00"), ("m/d", "1", "1900-01-01"),
            ("mmm", "59", "1900-02-28"),
            ("dd/mm/yyyy", "60", "1900-02-29"), ("dd/mm/yyyy", "61", "1900-03-01"), ("dd/mm/yyyy", "0", "00:00:00"),
            ("dd/mm/yyyy", "2958465", "9999-12-31"), ("dd/mm/yyyy", "2958466", "2958466"), ("dd/mm/yyyy", "-1", "-1"),
            ("hh:mm AM/PM", "0.25", "06:00:00"), ("h:mm A/P", "1.5", "1900-01-01T12:00:00"),
            ("mm:ss.0", "0.000011574", "00:00:01"),
            ("[h]:mm:ss", "1.5", "36:00:00"), ("[mm]:ss", "0.0208333333333333", "00:30:00"),
            ("[h]:mm", "-0.5", "-12:00:00"),
            ("yyyy", "45351.123456789", "2024-02-29T02:57:46.667"), ("General", "45351", "45351"),
            ("0.00", "0.5", "0.5"),
            ("0%", "0.5", "0.5"), ("#,##0\\d", "5", "5"), ("&quot;day&quot; 0", "5", "5"),
            ("[Red]0;[Blue]-0", "5", "5"),
            ("#,##0.00;yyyy", "5", "5"), ("0.00E+00", "1500", "1500"), ("_-* #,##0\\ _d", "7", "7"), ("@", "7", "7"),
            ("[&gt;100]yyyy;0", "45351", "2024-02-29"),
        ]) func `a number is a day where its format shows one`(format: String, serial: String, text: String) throws
    {
        let rows = "<row><c t=\"str\"><v>n</v></c></row><row><c s=\"1\"><v>\(serial)</v></c></row>"
        #expect(try read(rows, formats: [format]).values == [[text]])
    }

    @Test(
        arguments: [
            ("000000", "123", "000123"), ("000000", "1234567", "1234567"), ("000000", "0", "000000"),
            ("000000", "-7", "-000007"), ("00-00", "5", "00-05"), ("00-00", "12345", "123-45"),
            ("000-00-0000", "12345678", "012-34-5678"), ("###-0000", "5551234", "555-1234"), ("00", "5", "05"),
            ("&quot;EMP-&quot;0000", "12", "EMP-0012"), ("\\P0000", "12", "P0012"), ("[Red]0000", "12", "0012"),
            ("[$-401]0000", "12", "0012"), ("0000;-0000", "12", "0012"), ("0000;-0000", "-12", "-12"),
            ("000;-000;", "0", "0"), ("0000_)", "12", "0012"), ("(00) 000", "1234", "(01) 234"),
            ("000000", "1.23E2", "000123"), ("000000", "12345678901234567", "12345678901234567"),
            ("00000000000000000000", "12345678901234567", "00012345678901234567"),
            // What is shown otherwise, or rounded, stays the number that it is.
            ("000000", "1.5", "1.5"), ("0", "5", "5"), ("#0", "5", "5"), ("00.00", "5.5", "5.5"), ("0,000", "5", "5"),
            ("00%", "0.5", "0.5"), ("00E+00", "5", "5"), ("[&gt;100]000;0", "5", "5"), ("00/00", "0.5", "0.5"),
            ("[$€-2]000", "5", "5"), ("000000", "abc", "abc"), ("000000", "1e400", "1e400"),
        ]) func `a number has the leading zeros that its format shows`(format: String, written: String, text: String)
        throws
    {
        let rows = "<row><c t=\"str\"><v>n</v></c></row><row><c s=\"1\"><v>\(written)</v></c></row>"
        #expect(try read(rows, formats: [format]).values == [[text]])
    }

    @Test(
        arguments: [
            ("dd/mm/yyyy", "0", "1904-01-01"), ("dd/mm/yyyy", "1", "1904-01-02"), ("dd/mm/yyyy", "60", "1904-03-01"),
            ("dd/mm/yyyy", "43889", "2024-02-29"), ("hh:mm", "0.5", "12:00:00"),
            ("dd/mm/yyyy", "2957003", "9999-12-31"),
            ("dd/mm/yyyy", "2957004", "2957004"),
        ]) func `days count from 1904 where the workbook says so`(format: String, serial: String, text: String) throws
    {
        let rows = "<row><c t=\"str\"><v>n</v></c></row><row><c s=\"1\"><v>\(serial)</v></c></row>"
        #expect(try read(rows, formats: [format], is1904: true).values == [[text]])
    }

    @Test func `texts are joined from their runs, without fonts and readings`() throws {
        let texts = """
            <si><t>a</t></si><si><r><rPr><b/></rPr><t xml:space="preserve">two </t></r><r><t>runs</t></r>\
            <rPh sb="0" eb="1"><t>kana</t></rPh><phoneticPr fontId="1"/></si><si/><si><t/></si>
            <si><t xml:space="preserve"> kept </t></si><si><t> cut </t></si><si><t>line_x000D_&#10;_x005F_x0041_ &amp;lt; é</t></si>
            <si><t>_xD83D__xDE00_ _xD83D_ _x0000_ _xZZZZ_</t></si>
            """
        let cells = (0..<8).map { "<row><c t=\"s\"><v>\($0)</v></c><c><v>1</v></c></row>" }.joined()
        let reading = try read(cells, texts: texts) { $0.hasHeader = false }
        #expect(
            reading.values.map { $0[0] } == [
                "a", "two runs", "", "", " kept ", "cut", "line\r\n_x0041_ &lt; é", "😀 _xD83D_ _x0000_ _xZZZZ_",
            ]
        )
    }

    @Test func `booleans, cached formulas and ISO dates are texts`() throws {
        let reading = try read(
            """
            <row><c t="b"><v>1</v></c><c t="b"><v>0</v></c><c t="str"><f>A1&amp;"x"</f><v>x &lt; y</v></c>
            <c><f t="shared" si="0"/><v>4</v></c><c t="d"><v>2024-02-29</v></c></row>
            """
        ) { $0.hasHeader = false }
        #expect(reading.values == [["true", "false", "x < y", "4", "2024-02-29"]])
    }

    @Test func `formulas without a value are counted`() throws {
        let reading = try read(
            """
            <row><c t="str"><v>a</v></c><c t="str"><v>b</v></c></row>
            <row><c><v>1</v></c><c><f>A2*2</f></c></row><row><c><v>2</v></c><c><f>A3*2</f><v></v></c></row>
            <row><c><v>2</v></c><c t="str"><f>""</f><v></v></c></row>
            """
        )
        #expect(reading.values == [["1", ""], ["2", ""], ["2", ""]])
        #expect(reading.warnings.count == 1 && reading.warnings[0].hasPrefix("2 formulas have no stored value"))
    }

    // MARK: - Spoiled rows

    @Test func `a cell with an error spoils its row, or is empty if told`() throws {
        let rows = """
            <row><c t="str"><v>id</v></c><c t="str"><v>boss, name</v></c></row>
            <row><c><v>1</v></c><c t="e"><v>#N/A</v></c></row><row><c><v>2</v></c><c t="str"><v>Ada "A"</v></c></row>
            """
        let strict = try read(rows)
        #expect(strict.values == [["2", "Ada \"A\""]] && strict.faults.count == 1 && strict.isComplete)
        #expect(strict.faults[0].line == 2)
        #expect(strict.faults[0].fault?.code == "cell_error" && strict.faults[0].fault?.field == "boss, name")
        #expect(strict.faults[0].fault?.message.hasPrefix("Cell B2 holds the error #N/A; ") == true)
        #expect(strict.faults[0].fault?.raw == Array("1,#N/A".utf8))
        let lenient = try read(rows) { $0.isStrict = false }
        #expect(lenient.values == [["1", ""], ["2", "Ada \"A\""]])
        #expect(lenient.rows.map(\.lacking) == [["boss, name"], []], "an error erases nothing")
        #expect(lenient.warnings == ["1 cell with an error was passed over, and nothing was changed by them."])
    }

    @Test func `a text that is missing or too long spoils its row`() throws {
        let long = String(repeating: "x", count: 32768)
        let reading = try read(
            """
            <row><c t="str"><v>id</v></c><c t="str"><v>text</v></c></row>
            <row><c><v>1</v></c><c t="s"><v>2</v></c></row><row><c><v>2</v></c><c t="s"><v>1</v></c></row>
            <row><c><v>3</v></c><c t="inlineStr"><is><t>\(long)</t></is></c></row>
            <row><c><v>4</v></c><c t="s"><v>0</v></c></row><row><c><v>5</v></c><c t="s"><v>-1</v></c></row>
            """,
            texts: "<si><t>right</t></si><si><t>\(long)</t></si>"
        )
        #expect(reading.values == [["4", "right"]])
        #expect(
            reading.faults.map { $0.fault?.code } == [
                "cell_text_missing", "cell_too_long", "cell_too_long", "cell_text_missing",
            ]
        )
        #expect(reading.faults.map(\.line) == [2, 3, 4, 6] && reading.faults[0].fault?.field == "text")
    }

    @Test func `the longest text that Excel has is read`() throws {
        let long = String(repeating: "م", count: 32767)
        let rows = WorkbookMaker.rows([["id", "text"], ["1", long]])
        #expect(try read(rows).values == [["1", long]])
    }

    @Test func `a row of too many bytes is spoiled, not copied`() throws {
        let text = String(repeating: "y", count: 30000)
        let cells = (0..<40).map { _ in "<c t=\"s\"><v>0</v></c>" }.joined()
        let reading = try read(
            "<row>\((0..<40).map { "<c t=\"str\"><v>h\($0)</v></c>" }.joined())</row><row>\(cells)</row>",
            texts: "<si><t>\(text)</t></si>"
        ) { $0.maxRecordBytes = 1_000_000 }
        #expect(reading.faults.map { $0.fault?.code } == ["record_too_large"])
    }
}
