import Crypto
import Foundation
import JSON
import TestSupport
import Testing
import Time

struct `Fernet vectors` {
    @Test func `all vectors of the specification and ours agree`() throws {
        guard let folder = Repository.suite("fernet") else { return print("suite fernet: absent") }
        var passed = 0
        for vector in try vectors("\(folder)/generate.json") {
            let iv = try vector.array("iv").map { UInt8(try #require($0.integerValue)) }
            let fernet = Fernet(key: try vector.key("secret"))
            let seconds = UInt64(try vector.instant("now").microseconds / 1_000_000)
            #expect(
                fernet.encrypt(Array(try vector.string("src").utf8), seconds: seconds, iv: iv)
                    == (try vector.string("token"))
            )
            passed += 1
        }
        for vector in try vectors("\(folder)/verify.json") {
            let fernet = Fernet(key: try vector.key("secret"))
            let plaintext = try fernet.decrypt(
                try vector.string("token"),
                ttl: try vector.integer("ttl_sec"),
                now: try vector.instant("now")
            )
            #expect(String(decoding: plaintext, as: UTF8.self) == (try vector.string("src")))
            passed += 1
        }
        for vector in try vectors("\(folder)/invalid.json") {
            let fernet = Fernet(key: try vector.key("secret"))
            #expect(throws: FernetError.self, "\(vector["desc"] ?? nil)") {
                try fernet.decrypt(
                    try vector.string("token"),
                    ttl: try vector.integer("ttl_sec"),
                    now: try vector.instant("now")
                )
            }
            passed += 1
        }
        for vector in try vectors("\(folder)/extra_vectors.json") {
            try check(vector)
            passed += 1
        }
        // Strict, as the specification: `cryptography` takes these four.
        for vector in try vectors("\(folder)/lenient.json") {
            #expect(throws: FernetError.self, "\(vector["desc"] ?? nil)") {
                try vector.ring("keys").decrypt(try vector.string("token"))
            }
            passed += 1
        }
        #expect(passed == 89)
        print("suite fernet: \(passed) passed, 0 known failures, 0 absent")
    }

    private func check(_ vector: JSONValue) throws {
        let expected = try #require(vector["expected"])
        let isAccepted = expected["ok"] == true
        let comment = Comment(rawValue: "\(try vector.string("id")): \(try vector.string("desc"))")
        switch try vector.string("kind") {
        case "encrypt":
            let token = Fernet(key: try vector.key("key")).encrypt(
                try vector.bytes("plaintext_b64"),
                seconds: UInt64(try vector.integer("time")),
                iv: try vector.bytes("iv_b64")
            )
            #expect(token == (try expected.string("token")), comment)
        case "decrypt":
            let opened = Result {
                let ring = try vector.ring("keys")
                guard let ttl = vector["ttl_sec"]?.integerValue else {
                    return try ring.decrypt(try vector.string("token"))
                }
                let now = Instant(microseconds: Int64(try vector.integer("now")) * 1_000_000)
                return try ring.decrypt(try vector.string("token"), ttl: Int(ttl), now: now)
            }
            switch opened {
            case .success(let plaintext):
                #expect(isAccepted, comment)
                #expect(plaintext == (try expected.bytes("plaintext_b64")), comment)
            case .failure(let error):
                #expect(!isAccepted, comment)
                #expect(error is FernetError, comment)
            }
        case "rotate":
            let rotated = Result {
                try vector.ring("keys").rotate(try vector.string("token"), iv: try vector.bytes("iv_b64"))
            }
            #expect((try? rotated.get()) == expected["token"]?.stringValue, comment)
        case "key":
            #expect(FernetKey(base64: try vector.string("key")) == nil, comment)
            #expect(!isAccepted, comment)
        case let kind:
            Issue.record("an unknown kind of vector: \(kind)")
        }
    }

    private func vectors(_ path: String) throws -> [JSONValue] {
        let data = try Data(contentsOf: URL(filePath: path))
        return try #require(try JSONValue(parsing: Array(data)).arrayValue)
    }
}

struct `Fernet and Python` {
    @Test func `Python's cryptography opens our tokens and we open its`() throws {
        let texts = [
            "", "a", "Grüße aus Riad", String(repeating: "0123456789abcdef", count: 64), "{\"password\": \"\\u0000\"}",
        ]
        let keys = [FernetKey.random(), .random()]
        let now = Instant.now()
        let ours = Fernet(key: keys[0], older: [keys[1]])
        let input = JSONValue.object([
            "keys": .array(keys.map { .string($0.reveal()) }),
            "tokens": .array(texts.map { .string(ours.encrypt(Array($0.utf8), now: now)) }),
            "texts": .array(texts.map(JSONValue.string)),
        ])
        let program = """
            import json, sys
            try:
                from cryptography.fernet import Fernet, MultiFernet
            except ImportError:
                sys.exit(42)
            given = json.load(sys.stdin)
            multi = MultiFernet([Fernet(key) for key in given["keys"]])
            json.dump({
                "opened": [multi.decrypt(token.encode(), ttl=600).decode() for token in given["tokens"]],
                "tokens": [Fernet(given["keys"][1]).encrypt(text.encode()).decode() for text in given["texts"]],
                "rotated": [multi.rotate(token.encode()).decode() for token in given["tokens"]],
            }, sys.stdout)
            """
        guard let output = try python(program, input: input.text) else { return print("suite fernet-python: absent") }
        let answer = try JSONValue(parsing: output)
        #expect(answer["opened"] == .array(texts.map(JSONValue.string)))
        for name in ["tokens", "rotated"] {
            for (token, text) in zip(try answer.array(name), texts) {
                let plaintext = try ours.decrypt(try #require(token.stringValue), ttl: 600, now: .now())
                #expect(String(decoding: plaintext, as: UTF8.self) == text)
            }
        }
        print("suite fernet-python: \(3 * texts.count) passed, 0 known failures, 0 absent")
    }
}

struct `Fernet tokens` {
    private let start = Instant(microseconds: 1_700_000_000_000_000)

    @Test func `the age counts to the second, and the future to a minute`() throws {
        let fernet = Fernet(key: .random())
        let token = fernet.encrypt([1, 2, 3], now: start)
        for age in [0, 10, -60] {
            #expect(try fernet.decrypt(token, ttl: 10, now: start + .seconds(age)) == [1, 2, 3])
        }
        for age in [11, -61] {
            #expect(throws: FernetError.self) { try fernet.decrypt(token, ttl: 10, now: start + .seconds(age)) }
        }
        #expect(try fernet.decrypt(token) == [1, 2, 3])
    }

    @Test func `a time at the end of the scale opens nothing and crashes nothing`() throws {
        let fernet = Fernet(key: .random())
        for seconds in [UInt64.max, UInt64(Int64.max), 1 << 63] {
            let token = fernet.encrypt([], seconds: seconds, iv: randomBytes(16))
            for now in [start, Instant(microseconds: .min), Instant(microseconds: .max)] {
                #expect(throws: FernetError.self) { try fernet.decrypt(token, ttl: .max, now: now) }
            }
            #expect(try fernet.decrypt(token) == [])
        }
    }

    @Test func `no byte of a token may change`() throws {
        let fernet = Fernet(key: .random())
        let token = try #require(Base64.decode(fernet.encrypt(Array("secret".utf8), now: start), alphabet: .urlSafe))
        for position in token.indices {
            var changed = token
            changed[position] ^= 1
            let text = Base64.encode(changed, alphabet: .urlSafe)
            #expect(throws: FernetError.self) { try fernet.decrypt(text) }
        }
    }

    @Test func `the same text never gives the same token`() {
        let fernet = Fernet(key: .random())
        #expect(fernet.encrypt([1], now: start) != fernet.encrypt([1], now: start))
    }
}

extension JSONValue {
    fileprivate func string(_ name: String) throws -> String { try #require(self[name]?.stringValue) }
    fileprivate func integer(_ name: String) throws -> Int { Int(try #require(self[name]?.integerValue)) }
    fileprivate func array(_ name: String) throws -> [JSONValue] { try #require(self[name]?.arrayValue) }
    fileprivate func bytes(_ name: String) throws -> [UInt8] { try #require(Base64.decode(try string(name))) }
    fileprivate func key(_ name: String) throws -> FernetKey { try #require(FernetKey(base64: try string(name))) }
    fileprivate func instant(_ name: String) throws -> Instant { try #require(Instant(rfc3339: try string(name))) }

    fileprivate func ring(_ name: String) throws -> Fernet {
        let keys = try array(name).map { try #require($0.stringValue.flatMap(FernetKey.init(base64:))) }
        return Fernet(key: try #require(keys.first), older: Array(keys.dropFirst()))
    }
}
