/// How a country's telephone numbers are written.
struct PhoneCountry: Sendable, Equatable {
    /// ISO 3166-1, two letters.
    var id: String
    /// E.164's country code.
    var code: String
    /// What stands before a number within the country, and is left out behind the code; "" if nothing does.
    var trunk: String
    /// Digits behind the code, of fixed and mobile numbers.
    var lengths: ClosedRange<Int>

    static func named(_ id: String) -> PhoneCountry? { byID[id] }

    private static let byID = Dictionary(uniqueKeysWithValues: all.map { ($0.id, $0) })

    /// By code; of countries that share one (1, 7) the first. They have the same lengths.
    static func withCode(of digits: String) -> PhoneCountry? {
        // Codes have one to three digits, and none begins another.
        (1...3).lazy.compactMap { byCode[String(digits.prefix($0))] }.first
    }

    private static let byCode = Dictionary(all.map { ($0.code, $0) }) { first, _ in first }

    /// Source: ITU-T E.164 and the national numbering plans; codes, trunk prefixes and lengths were compared with
    /// libphonenumber 9.0's (October 2025).
    static let all: [PhoneCountry] = table.split(separator: "\n").compactMap { line in
        let words = line.split(separator: " ").map(String.init)
        guard words.count == 4 else { return nil }
        let bounds = words[3].split(separator: "-").compactMap { Int($0) }
        guard let least = bounds.first, let most = bounds.last else { return nil }
        return PhoneCountry(id: words[0], code: words[1], trunk: words[2] == "-" ? "" : words[2], lengths: least...most)
    }

    private static let table = """
        SA 966 0 9
        AE 971 0 8-9
        KW 965 - 8
        QA 974 - 8
        BH 973 - 8
        OM 968 - 8
        YE 967 0 7-9
        EG 20 0 8-10
        JO 962 0 8-9
        LB 961 0 7-8
        SY 963 0 8-9
        IQ 964 0 8-10
        PS 970 0 8-9
        LY 218 0 9
        TN 216 - 8
        DZ 213 0 8-9
        MA 212 0 9
        SD 249 0 9
        MR 222 - 8
        SO 252 0 6-9
        DJ 253 - 8
        KM 269 - 7
        TR 90 0 10
        PK 92 0 9-10
        IN 91 0 10
        BD 880 0 6-10
        LK 94 0 9
        NP 977 0 8-10
        AF 93 0 9
        MV 960 - 7
        PH 63 0 8-10
        ID 62 0 7-12
        MY 60 0 8-10
        SG 65 - 8
        TH 66 0 8-9
        VN 84 0 9-10
        CN 86 0 7-11
        HK 852 - 8
        TW 886 0 8-9
        JP 81 0 9-10
        KR 82 0 8-10
        GB 44 0 9-10
        IE 353 0 7-10
        FR 33 0 9
        DE 49 0 5-13
        AT 43 0 4-13
        CH 41 0 9
        IT 39 - 6-12
        ES 34 - 9
        PT 351 - 9
        NL 31 0 9
        BE 32 0 8-9
        LU 352 - 4-11
        DK 45 - 8
        SE 46 0 7-9
        NO 47 - 8
        FI 358 0 5-10
        IS 354 - 7-9
        PL 48 - 9
        CZ 420 - 9
        SK 421 0 9
        HU 36 06 8-9
        RO 40 0 9
        BG 359 0 7-9
        GR 30 - 10
        CY 357 - 8
        MT 356 - 8
        HR 385 0 8-9
        RS 381 0 7-12
        UA 380 0 9
        RU 7 8 10
        KZ 7 8 10
        AZ 994 0 9
        GE 995 0 9
        US 1 1 10
        CA 1 1 10
        MX 52 - 10
        BR 55 0 10-11
        AR 54 0 10-11
        CL 56 - 9
        AU 61 0 9
        NZ 64 0 8-10
        ZA 27 0 9
        NG 234 0 10
        KE 254 0 9
        ET 251 0 9
        GH 233 0 9
        TZ 255 0 9
        UG 256 0 9
        """
}
