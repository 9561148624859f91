internal import JSON

/// What the host says to a runner on the control socket.
enum HostFrame {
    /// The whole frame of a call; nil if its body is larger than 1 MiB.
    static func call(_ body: JSONValue, number: UInt64) -> [UInt8]? {
        let bytes = body.serialized()
        guard bytes.count <= FrameHeader.largestControlBody else { return nil }
        return frame(1, bytes, call: number)
    }

    static func cancel(call number: UInt64) -> [UInt8] {
        frame(2, Array("{}".utf8), call: number)
    }

    /// The answer to a service frame.
    static func answer(
        _ id: Int64,
        _ result: Result<[UInt8], ConnectorError>,
        call number: UInt64
    ) -> [UInt8] {
        var body: JSONObject = ["id": .integer(id)]
        switch result {
        case .success(let value):
            body["status"] = 0
            body["value"] = .string(Base64.encode(value))
        case .failure(let error):
            body["status"] = .integer(error.errorClass.status)
            body["value"] = ""
        }
        return frame(3, JSONValue.object(body).serialized(), call: number)
    }

    private static func frame(_ type: UInt16, _ body: [UInt8], call: UInt64) -> [UInt8] {
        FrameHeader(length: body.count, type: type, call: call).encoded + body
    }
}

extension ConnectorError.ErrorClass {
    /// `tfc_status` of trainflow_plugin.h.
    private static let byStatus: [Self] = [
        .config, .auth, .forbidden, .notFound, .rateLimit, .unavailable, .timeout, .cancelled, .data, .conflict,
        .unsupported, .stateLost, .internal, .protocol,
    ]

    /// A value the host does not know counts as internal.
    init(status: Int64) {
        self = (1...Int64(Self.byStatus.count)).contains(status) ? Self.byStatus[Int(status) - 1] : .internal
    }

    /// A crash is none of the ABI's and counts as internal.
    var status: Int64 {
        Int64((Self.byStatus.firstIndex(of: self) ?? 12) + 1)
    }
}
