import Mapping
import Testing

/// What the catalogue's examples don't show: the corners of each function.
@Suite struct FunctionTests {
    private func one(_ pipe: String, _ value: String, target: String = "attributes.x") throws -> Outcome {
        try transform(pipe, [value], target: target)[0]
    }

    @Test func `title keeps words together that an apostrophe joins`() throws {
        #expect(try one("title", "d'ANGELO  don't élise ÇELİK-öz") == .value("D'Angelo  Don't Élise Çeli\u{307}k-Öz"))
        #expect(try one("title", "3rd floor/o’neil") == .value("3rd Floor/O’Neil"))
        #expect(try one("title", "e\u{301}mile") == .value("E\u{301}mile"))
    }

    @Test func `substring and padLeft count characters, never bytes`() throws {
        #expect(try one("substring(1, 3)", "هدى") == .value("دى"))
        #expect(try one("substring(-2)", "😀é한") == .value("é한"))
        #expect(try one("substring(0, -1)", "هدى") == .value("هد"))
        #expect(try one("substring(-10, 2)", "abc") == .value("ab"))
        #expect(try one("substring(2, 1)", "abc") == .absent)
        #expect(try one("padLeft(4, \"٠\")", "هد") == .value("٠٠هد"))
    }

    @Test func `lists keep empty parts, and end in texts`() throws {
        #expect(try one("split(\",\") | join(\"|\")", ",a,,b,") == .value("|a||b|"))
        #expect(try one("split(\"--\") | item(1)", "a---b") == .value("-b"))
        #expect(try one("split(\",\") | item(-3)", "a,b") == .absent)
        #expect(try one("split(\",\") | item(0) | default(\"none\")", ",b") == .value("none"))
        #expect(try one("split(\"،\") | item(1) | trim", "أ، ب") == .value("ب"))
    }

    @Test func `Arabic functions touch nothing else`() throws {
        for pipe in ["stripBidi", "stripTatweel", "foldArabic", "westernDigits", "nfc"] {
            for text in ["Huda 007", "é 한 😀 \u{FFFD}", "ש"] { #expect(try one(pipe, text) == .value(text), "\(pipe)") }
        }
        #expect(try one("foldArabic", "إِسْلَامٌ آل ٱلسَّيِّد كتابـة") == .value("اسلام ال السيد كتابه"))
        #expect(try one("foldArabic", "مؤسسة شئون") == .value("مؤسسه شئون"))
        #expect(try one("stripBidi", "\u{200F}\u{61C}") == .absent)
        #expect(try transform("westernDigits", ["۱", nil, "a٢", ""]) == [.value("1"), .absent, .value("a2"), .absent])
    }

    @Test func `numbers keep all their digits`() throws {
        let long = "12345678901234567890123456789.123456789012345678901234567891"
        #expect(try one("parseNumber", long) == .value(long))
        #expect(
            try one("parseNumber | round(29)", long)
                == .value("12345678901234567890123456789.12345678901234567890123456789")
        )
        #expect(try one("parseNumber", "0.1") == .value("0.1"))
        #expect(try one("parseNumber | round(1)", "9.99") == .value("10"))
        #expect(try one("parseNumber | round", "-0.4") == .value("0"))
        #expect(try one("parseNumber | round(3)", "-1.0005") == .value("-1.001"))
        for text in ["", "-", "1e5", "1.2.3", ".5", "1,2", "١", "1 ", "0x1", "--1", "1-"] where !text.isEmpty {
            #expect(try one("parseNumber", text) == .failed("invalid_number"), "\(text)")
        }
        for (form, text, number) in [
            ("en", "1,234", "1234"), ("de", "1.234", "1234"), ("de", "1,234", "1.234"), ("en", "1.234", "1.234"),
            ("en-IN", "12,34,567.5", "1234567.5"), ("de-CH", "1’234.5", "1234.5"), ("fr", "1\u{A0}234", "1234"),
            ("ar", "-١٢٣", "-123"), ("en", "+5", "5"), ("en", "\u{2212}5", "-5"),
        ] { #expect(try one("parseNumber(\"\(form)\")", text) == .value(number), "\(form) \(text)") }
        for (form, text) in [
            ("en", "12,34"), ("en", "1,23,456"), ("en", ",123"), ("en", "1,2345"), ("en", "1.5,000"), ("de", "1,5.0"),
            ("fr", "1\u{A0}234 567"), ("en", "1,234,"), ("en-IN", "1234,567"),
        ] { #expect(try one("parseNumber(\"\(form)\")", text) == .failed("invalid_number"), "\(form) \(text)") }
        #expect(try one("parseNumber | default(7)", "") == .value("7"))
        #expect(try one("parseNumber | default(0.5)", "") == .value("0.5"))
    }

    @Test func `a value that a date pattern ends inside of is no date`() throws {
        let text = "2024-03-01T08:00:00+03:00"
        for pattern in [
            "yyyy-MM-dd'T'HH:mm:ssXXX", "yyyy-MM-dd'T'HH:mm:ssXX", "yyyy-MM-dd'T'HH:mm:ss.SXXX",
        ] {
            for count in 1..<text.count {
                let outcome = try one("parseDate(\"\(pattern)\")", String(text.prefix(count)))
                #expect(outcome == .failed("invalid_date"), "\(pattern) \(count) \(outcome)")
            }
        }
    }

    @Test func `regular expressions cut no characters, and take no endless time`() throws {
        #expect(throws: (any Error).self) { try one("regexExtract(\"^\\\\C\")", "été") }
        #expect(try one("regexExtract(\"\\\\\\\\C\")", "\\C") == .value("\\C"))
        let long = String(repeating: "x", count: 8_193)
        #expect(try one("regexReplace(\"x*y|x\", \"\")", long) != .absent)
        #expect(try one("regexReplace(\"x*y|x\", \"\")", String(long.dropFirst())) == .absent)
    }

    @Test func `a number that may have its country's code already is refused`() throws {
        for (country, text) in [("DE", "4915112345678"), ("AT", "436641234567")] {
            #expect(try one("phoneE164(\"\(country)\")", text) == .failed("invalid_phone"), "\(text)")
            #expect(try one("phoneE164(\"\(country)\")", "+\(text)") == .value("+\(text)"))
        }
        #expect(try one("phoneE164(\"DE\")", "015112345678") == .value("+4915112345678"))
        #expect(try one("phoneE164(\"SA\")", "966501234567") == .value("+966501234567"))
    }

    @Test func `phone numbers`() throws {
        for (country, text, number) in [
            ("SA", "+966 50 123 4567", "+966501234567"), ("SA", "00966-501234567", "+966501234567"),
            ("SA", "501234567", "+966501234567"), ("SA", "(011) 234.5678", "+966112345678"),
            ("SA", "\u{202A}+966 50 123 4567\u{202C}", "+966501234567"), ("AE", "04 123 4567", "+97141234567"),
            ("EG", "0100 123 4567", "+201001234567"), ("KW", "5012 3456", "+96550123456"),
            ("IT", "06 1234 5678", "+390612345678"),
            ("US", "(212) 555-0123", "+12125550123"), ("US", "1-212-555-0123", "+12125550123"),
            ("RU", "8 912 345 67 89", "+79123456789"), ("RU", "812 345 67 89", "+78123456789"),
            ("GB", "+44 (0)20 7946 0018", "+442079460018"), ("HU", "06 30 123 4567", "+36301234567"),
        ] { #expect(try one("phoneE164(\"\(country)\")", text) == .value(number), "\(country) \(text)") }
        for text in [
            "+999 12345678", "abc", "+966 50 123 456", "05012345678", "0501234567 ext 5", "++966501234567",
            "+0501234567",
        ] {
            #expect(try one("phoneE164(\"SA\")", text) == .failed("invalid_phone"), "\(text)")
        }
        #expect(try one("phoneE164(\"SA\")", " - ") == .absent)
    }

    @Test func `names in their parts`() throws {
        for (name, first, middle, last) in [
            ("Huda", "Huda", "", ""), ("  Huda   Al-Harbi ", "Huda", "", "Al-Harbi"),
            ("Mohammed bin Salman Al Saud", "Mohammed", "bin Salman", "Al Saud"),
            ("Abdul Rahman Khan", "Abdul Rahman", "", "Khan"), ("Ludwig van Beethoven", "Ludwig", "", "van Beethoven"),
            ("Harbi, Huda Khalid", "Huda", "Khalid", "Harbi"), ("الحربي، هدى خالد", "هدى", "خالد", "الحربي"),
            ("عبد الرحمن بن محمد آل سعود", "عبد الرحمن", "بن محمد", "آل سعود"),
            ("Nur al-Din Zengi", "Nur al-Din", "", "Zengi"), ("Al Pacino", "Al", "", "Pacino"), (",", "", "", ""),
            ("Maria de la Cruz", "Maria", "", "de la Cruz"), ("جار الله عمر", "جار الله", "", "عمر"),
        ] {
            let parts = [first, middle, last].enumerated()
            for (index, part) in parts {
                let outcome = try one("splitName | item(\(index))", name)
                #expect(outcome == (part.isEmpty ? .absent : .value(part)), "\(name) \(index)")
            }
        }
    }

    @Test func `regular expressions are linear, know scripts, and put groups in`() throws {
        let bad = String(repeating: "a", count: 60_000)
        #expect(try one("regexExtract(\"^(a+)+$\")", bad + "!") == .absent)
        #expect(try one("regexReplace(\"\\\\p{Arabic}+\", \"<\\\\0>\")", "x هدى y") == .value("x <هدى> y"))
        #expect(try one("regexReplace(\"x*\", \"-\")", "abxé") == .value("-a-b-é-"))
        #expect(try one("regexReplace(\"(a)|(b)\", \"[\\\\1\\\\2]\")", "ab") == .value("[a][b]"))
        #expect(try one("regexReplace(\"\", \"\\\\\\\\\")", "a") == .value("\\a\\"))
        #expect(try one("regexExtract(\"(a)?b\")", "b") == .absent)
        let grown = String(repeating: "a", count: 1_000)
        #expect(
            try transform("regexReplace(\"a\", \"\(String(repeating: "x", count: 900))\")", [grown, "a"])[0]
                == .failed("too_long")
        )
    }

    @Test func `times and their zones`() throws {
        let london = "parseDate(\"yyyy-MM-dd HH:mm\", \"Europe/London\")"
        #expect(try one(london, "2024-07-01 08:00", target: "attributes.x") == .value("2024-07-01T07:00:00Z"))
        #expect(try one(london, "2024-03-31 01:30") == .failed("invalid_date"))
        #expect(try one("parseDate(\"dd/MM/yyyy\", \"Asia/Riyadh\")", "01/03/2024") == .value("2024-02-29T21:00:00Z"))
        #expect(
            try one("parseDate(\"yyyy-MM-dd'T'HH:mm:ss.SXXX\")", "2024-03-01T00:00:00.25+03:00")
                == .value("2024-02-29T21:00:00.25Z")
        )
        #expect(try one("parseDate(\"yyyyMMddHHmmssXX\")", "20240301000000+0300") == .value("2024-02-29T21:00:00Z"))
        #expect(try one("\(london) | dateInZone(\"Asia/Tokyo\")", "2024-07-01 20:00") == .value("2024-07-02"))
        #expect(try one("parseDate(\"H:mm d/M/yyyy\", \"UTC\")", "0:05 1/3/2024") == .value("2024-03-01T00:05:00Z"))
        #expect(
            try one("parseDate(\"hh:mm a d/M/yyyy\", \"UTC\")", "12:05 am 1/3/2024") == .value("2024-03-01T00:05:00Z")
        )
        for text in ["24:00 1/3/2024", "1:60 1/3/2024", "01:05 1/3/2024"] {
            #expect(try one("parseDate(\"H:mm d/M/yyyy\", \"UTC\")", text) == .failed("invalid_date"), "\(text)")
        }
        #expect(try one("parseDate(\"hh:mm a d/M/yyyy\", \"UTC\")", "13:05 PM 1/3/2024") == .failed("invalid_date"))
    }

    @Test func `lookup and parseBool are mended by default, other failures are not`() throws {
        #expect(try one("lookup(\"departments\") | default(null)", "X") == .absent)
        #expect(try one("parseBool | default(true)", "maybe") == .failed("invalid_bool"))
        #expect(try one("parseBool | default(true)", "") == .value("true"))
        #expect(try one("phoneE164(\"SA\") | default(\"none\")", "x") == .failed("invalid_phone"))
        #expect(
            try transform("lookup(\"departments\")", ["HR", "hr", "", nil]) == [
                .value("Human Resources"), .failed("unknown_key"), .value("None"), .value("None"),
            ]
        )
    }

    @Test func `a large table finds each of its keys and no other`() throws {
        let pairs = (0..<40_000).map { (key: "\($0 * 7)", value: "v\($0)") }
        let environment = MappingEnvironment(tables: ["t": LookupTable(pairs)], tableNames: ["t"])
        let set = people(MappingRow(sourceField: "value", targetField: "attributes.x", transform: "lookup('t')"))
        let mapping = try CompiledMapping.compile(set, source: nil, environment: environment)
        let values = (0..<1_000).map { String?("\($0 * 70)") } + ["1", "279994", "x"]
        let source = batch(["id": values.indices.map { "\($0)" }, "value": values])
        let mapped = mapping.apply(source, today: try #require(today))
        #expect(
            try mapped.outcomes("attributes.x").prefix(1_000) == (0..<1_000).map { Outcome.value("v\($0 * 10)") }[...]
        )
        #expect(mapped.rejects.map(\.failures[0].code) == Array(repeating: "unknown_key", count: 3))
    }

    @Test func `what a mapping needs of its environment is known before it is compiled`() {
        let set = people(
            MappingRow(
                sourceField: "a",
                targetField: "attributes.a",
                transform: "default(b | lookup('t1')) | lookup(\"t2\")"
            ),
            MappingRow(
                sourceField: "a",
                targetField: "attributes.b",
                transform: "parseDate('d/M/yyyy', 'Asia/Riyadh', 3)"
            ),
            MappingRow(sourceField: "a", targetField: "attributes.c", transform: "dateInZone('UTC') | nonsense("),
            MappingRow(sourceField: "a", targetField: "attributes.d", transform: "dateInZone('Asia/Dubai')")
        )
        #expect(set.needs.tables == ["t1", "t2"])
        #expect(set.needs.zones == ["Asia/Riyadh", "Asia/Dubai"])
    }
}
