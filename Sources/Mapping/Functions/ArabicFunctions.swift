extension MappingFunction {
    static let arabic: [MappingFunction] = [stripBidi, stripTatweel, foldArabic, westernDigits]

    private static let stripBidi = MappingFunction(
        "stripBidi",
        .arabic,
        Label(
            "Takes out direction marks wherever they stand: invisible, they come with copied Arabic text.",
            "يزيل علامات اتجاه النص حيث كانت: وهي خفية تأتي مع النص العربي المنسوخ."
        ),
        examples: [Example("stripBidi", "هدى\u{200F} \u{202B}الحربي\u{202C}", .value("هدى الحربي"))],
        prepare: { _ in
            .each(beyondASCII: true) { value, output in
                value.copyCharacters(to: &output) { scalar in
                    switch scalar {
                    case 0x61C, 0x200E, 0x200F, 0x202A...0x202E, 0x2066...0x2069: .nothing
                    default: .same
                    }
                }
                return true
            }
        }
    )

    private static let stripTatweel = MappingFunction(
        "stripTatweel",
        .arabic,
        Label(
            "Takes out the tatweel (U+0640) with which words are stretched.",
            "يزيل التطويل (ـ) الذي تُمدّ به الكلمات."
        ),
        examples: [Example("stripTatweel", "محـــمد", .value("محمد"))],
        prepare: { _ in
            .each(beyondASCII: true) { value, output in
                value.copyCharacters(to: &output) { $0 == Arabic.tatweel ? .nothing : .same }
                return true
            }
        }
    )

    private static let foldArabic = MappingFunction(
        "foldArabic",
        .arabic,
        Label(
            "One spelling for what is spelt in several ways: alef without hamza and madda, yeh for alef maksura, heh for teh "
                + "marbuta, no vowel marks, no tatweel. For comparing, not for showing.",
            "كتابة واحدة لما يُكتب بصور مختلفة: ألف بلا همزة ولا مدّة، وياء مكان الألف المقصورة، وهاء مكان التاء المربوطة، "
                + "بلا حركات ولا تطويل. للمقارنة لا للعرض."
        ),
        examples: [
            Example("foldArabic", "أَحْمَد", .value("احمد")),
            Example("foldArabic", "فاطمة", .value("فاطمه")),
            Example("foldArabic", "هدى", .value("هدي")),
        ],
        prepare: { _ in
            .each(beyondASCII: true) { value, output in
                value.copyCharacters(to: &output, Arabic.folded)
                return true
            }
        }
    )

    private static let westernDigits = MappingFunction(
        "westernDigits",
        .arabic,
        Label(
            "Writes Arabic and Persian digits as 0 to 9.",
            "يكتب الأرقام العربية والفارسية (٠١٢ و۰۱۲) بالصورة 0 إلى 9."
        ),
        examples: [
            Example("westernDigits", "٠٥٠١٢٣٤٥٦٧", .value("0501234567")),
            Example("westernDigits", "۲۰۲۴/۰۲/۲۹", .value("2024/02/29")),
        ],
        prepare: { _ in
            .each(beyondASCII: true) { value, output in
                value.copyCharacters(to: &output) { Arabic.digit($0).map { .ascii($0) } ?? .same }
                return true
            }
        }
    )
}

/// Letters of the Arabic script.
enum Arabic {
    static let tatweel: UInt32 = 0x640

    /// `0` to `9` for an Arabic-Indic or Extended Arabic-Indic (Persian, Urdu) digit.
    static func digit(_ scalar: UInt32) -> UInt8? {
        switch scalar {
        case 0x660...0x669: UInt8(ascii: "0") + UInt8(scalar - 0x660)
        case 0x6F0...0x6F9: UInt8(ascii: "0") + UInt8(scalar - 0x6F0)
        default: nil
        }
    }

    /// Source: the letters that Lucene's ArabicNormalizer folds, and those of Persian keyboards.
    static func folded(_ scalar: UInt32) -> CharacterChange {
        switch scalar {
        // Alef with madda, with hamza above and below, wasla.
        case 0x622, 0x623, 0x625, 0x671: .scalar(0x627)
        // Alef maksura, Farsi yeh.
        case 0x649, 0x6CC: .scalar(0x64A)
        case 0x629: .scalar(0x647)
        // Keheh.
        case 0x6A9: .scalar(0x643)
        // Vowel marks, superscript alef, hamza and madda as marks of their own.
        case 0x64B...0x655, 0x670, tatweel: .nothing
        default: .same
        }
    }
}

/// What a character becomes.
enum CharacterChange {
    case same, nothing
    case ascii(UInt8)
    /// Below U+0800: two bytes.
    case scalar(UInt32)
}

extension Span<UInt8> {
    /// Appends valid UTF-8 with characters beyond ASCII changed.
    @inline(__always)
    func copyCharacters(to output: inout [UInt8], _ change: (UInt32) -> CharacterChange) {
        var index = 0
        var copied = 0
        while index < count {
            guard self[index] >= 0x80 else {
                index &+= 1
                continue
            }
            let length = characterLength(at: index)
            let change = change(scalar(at: index))
            if case .same = change {
                index &+= length
                continue
            }
            output.append(extracting(copied..<index))
            switch change {
            case .same, .nothing: break
            case .ascii(let byte): output.append(byte)
            case .scalar(let scalar):
                output.append(0xC0 | UInt8(truncatingIfNeeded: scalar >> 6))
                output.append(0x80 | UInt8(truncatingIfNeeded: scalar & 0x3F))
            }
            index &+= length
            copied = index
        }
        output.append(extracting(copied..<count))
    }
}
