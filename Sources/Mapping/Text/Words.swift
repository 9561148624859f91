/// What functions make of the words of a text.
enum Words {
    /// A capital for the first letter of each word, lower case for the others. Letters, digits and marks make words; so does
    /// an apostrophe between letters, behind which a capital stands only after a single letter (O'Brien, D'Angelo).
    static func title(_ text: String) -> String {
        var result = ""
        /// Letters of the word so far; those since the last apostrophe.
        var letters = 0
        var previous: Unicode.Scalar?
        for scalar in text.unicodeScalars {
            if isWordPart(scalar) {
                result += letters == 0 ? scalar.properties.titlecaseMapping : scalar.properties.lowercaseMapping
                letters += 1
            } else {
                let isInWord = isApostrophe(scalar) && previous.map(isWordPart) ?? false
                // Behind O' a word begins anew, behind don' it goes on.
                letters = isInWord && letters > 1 ? letters : 0
                result.unicodeScalars.append(scalar)
            }
            previous = scalar
        }
        return result
    }

    static func initials(_ text: String, separator: String) -> String {
        var result = ""
        var isInWord = false
        for scalar in text.unicodeScalars {
            if isWordPart(scalar) || isApostrophe(scalar) && isInWord {
                if !isInWord { result += scalar.properties.uppercaseMapping + separator }
                isInWord = true
            } else {
                isInWord = false
            }
        }
        return result
    }

    static func slug(_ text: String) -> String {
        var result = ""
        var needsHyphen = false
        for scalar in text.lowercased().decomposed.unicodeScalars {
            let part: String
            if let plain = plainLatin[scalar] {
                part = plain
            } else if isLetterOrDigit(scalar) {
                part = String(scalar)
            } else if scalar.properties.isBidiControl || isMark(scalar) || isApostrophe(scalar) || scalar == "\u{640}" {
                continue
            } else {
                needsHyphen = !result.isEmpty
                continue
            }
            if needsHyphen { result += "-" }
            needsHyphen = false
            result += part
        }
        return String(decoding: Unicode.composed(Array(result.utf8)), as: UTF8.self)
    }

    /// Latin letters that no accent can be taken off.
    private static let plainLatin: [Unicode.Scalar: String] = [
        "ß": "ss", "æ": "ae", "œ": "oe", "ø": "o", "đ": "d", "ð": "d", "þ": "th", "ł": "l", "ı": "i", "ħ": "h",
        "ŋ": "ng",
    ]

    static func isWordPart(_ scalar: Unicode.Scalar) -> Bool { isLetterOrDigit(scalar) || isMark(scalar) }

    private static func isLetterOrDigit(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter, .decimalNumber,
            .letterNumber:
            true
        default: false
        }
    }

    private static func isMark(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .nonspacingMark, .spacingMark, .enclosingMark: true
        default: false
        }
    }

    private static func isApostrophe(_ scalar: Unicode.Scalar) -> Bool { scalar == "'" || scalar == "\u{2019}" }
}

extension String {
    /// Letters and their accents apart (normalisation form D).
    var decomposed: String {
        String(decoding: Unicode.decomposed(Array(utf8)), as: UTF8.self)
    }
}
