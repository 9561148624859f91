import ConnectorHost
import JSON
import Log
import Testing
import Time

@Suite struct ControlInputTests {
    private func frame(_ type: UInt16, _ json: JSONValue, call: UInt64 = 1) -> [UInt8] {
        ConnectorHostTests.frame(type, json.serialized(), call: call)
    }

    private func read(_ bytes: [UInt8]) throws(ConnectorError) -> [RunnerFrame] {
        var input = ControlInput(call: 1)
        input.append(bytes)
        var frames: [RunnerFrame] = []
        while let frame = try input.next() { frames.append(frame) }
        return frames
    }

    private let ready: JSONValue = [
        "abi": 0, "abi_minor": 0, "describe": "{}",
        "sandbox": ["profile": "pure", "landlock": 7, "seccomp": true, "user": 65_534, "missing": ["scoping"]],
    ]

    @Test func `each frame is read`() throws {
        #expect(
            try read(frame(16, ready, call: 0)) == [
                .ready(.init(abi: 0, describe: "{}", profile: "pure", missing: ["scoping"]))
            ]
        )
        #expect(try read(frame(17, ["value": ["read": 1]])) == [.result(["read": 1])])
        #expect(try read(frame(17, ["value": nil])) == [.result(nil)])
        let failure: JSONValue = [
            "status": 9, "code": "header_missing", "message": "No header.", "retry_after_ms": 0, "vendor_code": 0,
            "detail": nil,
        ]
        #expect(
            try read(frame(18, failure)) == [
                .failure(
                    .init(
                        status: 9,
                        code: "header_missing",
                        message: "No header.",
                        retryAfter: 0,
                        vendorCode: 0,
                        detail: nil
                    )
                )
            ]
        )
        #expect(
            try read(frame(19, ["level": 2, "message": "hm", "fields": ["row": 3]])) == [
                .log(level: .warning, message: "hm", fields: ["row": 3])
            ]
        )
        #expect(
            try read(frame(21, ["stage": "load", "message": "no"], call: 0)) == [.stop(stage: "load", message: "no")]
        )
        let service = try read(
            frame(20, ["id": 4, "service": "cache_put", "name": "token", "value": "YWI=", "expires_at_us": 5])
        )
        guard case .service(let request) = service.first else { return #expect(Bool(false), "\(service)") }
        #expect(request.id == 4 && request.value == Array("ab".utf8) && request.expiresAt?.microseconds == 5)
    }

    @Test func `pieces of any size`() throws {
        let bytes = frame(19, ["level": 0, "message": "a"]) + frame(19, ["level": 1, "message": "b"])
        var input = ControlInput(call: 1)
        var count = 0
        for byte in bytes {
            input.append([byte])
            while try input.next() != nil { count += 1 }
        }
        #expect(count == 2)
    }

    @Test func `what breaks a rule is refused`() {
        let wrong: [[UInt8]] = [
            frame(1, [:]), frame(22, [:]), frame(32, [:]), frame(17, [:]), frame(17, [1]),
            frame(17, ["value": 1, "more": 2]),
            frame(19, ["level": 4, "message": ""]), frame(19, ["level": 1]),
            frame(19, ["level": 1, "message": "", "fields": []]),
            frame(20, ["id": 1, "service": "cache_get", "name": "n", "value": "not base64"]),
            frame(18, ["status": "9", "code": "", "message": ""]), frame(17, ["value": 1], call: 2),
            frame(16, ready.with("sandbox", "profile", value: nil)), frame(16, ready.with("describe", value: 1)),
            ConnectorHostTests.frame(17, Array("{\"value\":1}x".utf8)), ConnectorHostTests.frame(17, [0xFF]),
            ConnectorHostTests.frame(17, Array("{\"value\":1}".utf8), reserved: 1),
            little(UInt32(1 << 20 + 1)) + little(UInt16(17)) + little(UInt16(0)) + little(UInt64(1)),
        ]
        for bytes in wrong {
            let error = #expect(throws: ConnectorError.self) { try read(bytes) }
            #expect(error?.errorClass == .protocol)
        }
    }

    @Test func `ten thousand mutated frames`() {
        let right =
            frame(16, ready, call: 0)
            + frame(20, ["id": 4, "service": "cache_put", "name": "t", "value": "YWI=", "expires_at_us": 5])
        var generator = SeededGenerator(seed: 21)
        var refused = 0
        for _ in 0..<10_000 {
            var bytes = right
            for _ in 0..<Int.random(in: 1...3, using: &generator) {
                bytes[Int.random(in: bytes.indices, using: &generator)] = UInt8.random(in: 0...255, using: &generator)
            }
            do throws(ConnectorError) { _ = try read(bytes) } catch { refused += 1 }
        }
        #expect(refused > 5_000)
    }
}
