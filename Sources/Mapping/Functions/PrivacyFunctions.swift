internal import Crypto
internal import Identifiers

extension MappingFunction {
    static let privacy: [MappingFunction] = [sha256, hmac, mask]
    static let ids: [MappingFunction] = [uuid5]

    private static let sha256 = MappingFunction(
        "sha256",
        .privacy,
        Label(
            "The SHA-256 hash, 64 hexadecimal digits. Short values can be guessed from it: hmac can't be without its key.",
            "بصمة SHA-256 في 64 خانة ست عشرية. والقيم القصيرة يمكن تخمينها منها: أما hmac فلا من غير مفتاحه."
        ),
        examples: [
            Example("sha256", "abc", .value("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"))
        ],
        prepare: { _ in
            .each { value, output in
                output.append(contentsOf: SHA256.hash([UInt8](value)).hex.utf8)
                return true
            }
        }
    )

    private static let hmac = MappingFunction(
        "hmac",
        .privacy,
        Label(
            "The HMAC with SHA-256 and a key, 64 hexadecimal digits: the same person, not to be told who. Whoever may read the "
                + "mapping reads the key.",
            "رمز HMAC بالخوارزمية SHA-256 ومفتاح، في 64 خانة ست عشرية: الشخص نفسه من غير أن يُعرف من هو. ومن يقرأ الربط يقرأ المفتاح."
        ),
        parameters: [
            Parameter("key", .fixedText, Label("A text of at least 16 bytes.", "نص من 16 بايتا على الأقل."))
        ],
        examples: [
            Example(
                "hmac(\"Jefe of the example\")",
                "what do ya want for nothing?",
                .value("0da4e5ef9ee8a60a482c5e9d8db1c67526687e72e5b2ce11984b28c29e6e9ef8")
            )
        ],
        prepare: { call throws(ArgumentProblem) in
            let key = Array(call.text(0).utf8)
            guard key.count >= 16 else {
                throw ArgumentProblem(
                    index: 0,
                    code: .badArgument,
                    message: "The key of hmac has at least 16 bytes, and this has \(key.count)."
                )
            }
            return .each { value, output in
                output.append(contentsOf: hex(HMAC.sha256([UInt8](value), key: key)))
                return true
            }
        }
    )

    private static let mask = MappingFunction(
        "mask",
        .privacy,
        Label(
            "Puts * for all characters but the last few; a value that has no more than those is all *.",
            "يضع * مكان كل المحارف إلا القليل الأخير؛ والقيمة التي ليس فيها أكثر منه كلها *."
        ),
        parameters: [
            Parameter(
                "visible",
                .fixedInteger,
                Label("Characters left to be seen, 0 to 100.", "المحارف التي تبقى ظاهرة، من 0 إلى 100."),
                standard: "4"
            )
        ],
        examples: [
            Example("mask", "1029384756", .value("******4756")),
            Example("mask(2)", "هدى الحربي", .value("********بي")),
            Example("mask", "1234", .value("****")),
        ],
        prepare: { call throws(ArgumentProblem) in
            let visible = call.isGiven(0) ? Int(try call.integer(0, in: 0...100, "number of characters")) : 4
            return .each { value, output in
                let count = value.characterCount()
                let hidden = count > visible ? count - visible : count
                for _ in 0..<hidden { output.append(UInt8(ascii: "*")) }
                output.append(value.extracting(value.offset(ofCharacter: hidden)...))
                return true
            }
        }
    )

    private static let uuid5 = MappingFunction(
        "uuid5",
        .ids,
        Label(
            "A UUID that is always the same for the same value (RFC 9562, version 5).",
            "معرّف UUID هو نفسه دائما للقيمة نفسها (RFC 9562، النسخة 5)."
        ),
        parameters: [
            Parameter(
                "namespace",
                .fixedText,
                Label(
                    "A UUID of your own, or dns, url, oid, x500.",
                    "معرّف UUID خاص بك، أو dns أو url أو oid أو x500."
                )
            )
        ],
        examples: [
            Example("uuid5(\"dns\")", "www.example.com", .value("2ed6657d-e927-568b-95e1-2665a8aea6a2")),
            Example(
                "uuid5(\"6ba7b810-9dad-11d1-80b4-00c04fd430c8\")",
                "python.org",
                .value("886313e1-3b8a-5372-9b90-0c9aee199e5d")
            ),
        ],
        prepare: { call throws(ArgumentProblem) in
            guard let namespace = namespaces[call.text(0)] ?? UUID(call.text(0)) else {
                throw ArgumentProblem(
                    index: 0,
                    code: .badArgument,
                    message: "\(call.text(0).quoted) is no UUID.",
                    suggestion: "Write one as 6ba7b810-9dad-11d1-80b4-00c04fd430c8, or dns, url, oid, x500."
                )
            }
            return .each { value, output in
                output.append(contentsOf: UUID.version5([UInt8](value), in: namespace).description.utf8)
                return true
            }
        }
    )

    /// RFC 9562 6.6.
    private static let namespaces: [String: UUID] = {
        let low: UInt64 = 0x80B4_00C0_4FD4_30C8
        func namespace(_ number: UInt64) -> UUID { UUID(high: (0x6BA7_B810 + number) << 32 | 0x9DAD_11D1, low: low) }
        return ["dns": namespace(0), "url": namespace(1), "oid": namespace(2), "x500": namespace(4)]
    }()

    private static func hex(_ bytes: [UInt8]) -> [UInt8] {
        let digits = Array("0123456789abcdef".utf8)
        return bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }
    }
}

extension UUID {
    /// Of a name in a namespace. RFC 9562 5.5.
    fileprivate static func version5(_ name: [UInt8], in namespace: UUID) -> UUID {
        let hash = SHA1.hash(namespace.bytes + name)
        func word(_ from: Int) -> UInt64 { hash[from..<from + 8].reduce(0) { $0 << 8 | UInt64($1) } }
        return UUID(
            high: word(0) & 0xFFFF_FFFF_FFFF_0FFF | 0x5000,
            low: word(8) & 0x3FFF_FFFF_FFFF_FFFF | 0x8000_0000_0000_0000
        )
    }
}
