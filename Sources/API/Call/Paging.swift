package import HTTPServer
package import JSON

/// How lists are asked for and answered: in a stable order, by cursors that clients don't read.
package enum Paging {
    static let cursorName = "cursor"

    /// What each list declares.
    package static let parameters: [Parameter] = [
        .query("limit", Schema.integer(1...500).with("default", 50), "The most items of one page."),
        .query(cursorName, .text(1...2_000), "The last page's `next_cursor`, for the page after it."),
    ]

    /// In base64url without padding: `["listConfigs",major,minor]`.
    static func encode(_ key: (major: Int64, minor: Int64), list: String) -> String {
        let value: JSONValue = [.string(list), .integer(key.major), .integer(key.minor)]
        var text = Base64.encode(value.serialized(), alphabet: .urlSafe)
        while text.last == "=" { text.removeLast() }
        return text
    }

    static func decode(_ text: String, list: String) throws(Problem) -> (major: Int64, minor: Int64) {
        let padding = String(repeating: "=", count: (4 - text.utf8.count % 4) % 4)
        guard let bytes = Base64.decode(text + padding, alphabet: .urlSafe) else { throw invalid }
        let value: JSONValue
        do throws(JSONError) {
            value = try JSONValue(parsing: bytes, limits: JSONLimits(depth: 2))
        } catch {
            throw invalid
        }
        guard let parts = value.arrayValue, parts.count == 3, parts[0] == .string(list),
            let major = parts[1].integerValue, let minor = parts[2].integerValue
        else { throw invalid }
        return (major, minor)
    }

    private static var invalid: Problem { .invalidParameter(cursorName, "is not a cursor of this list") }
}

extension Call {
    /// The most items of the page.
    package func pageLimit() throws -> Int {
        Int(try query.integer("limit") ?? 50)
    }

    /// Where the page before ended; nil for the first page.
    package func pageAfter() throws -> (major: Int64, minor: Int64)? {
        guard let text = try query.text(Paging.cursorName) else { return nil }
        return try Paging.decode(text, list: endpoint.operationID)
    }

    /// A page as an answer. `next`: where it ends; nil if it is the last.
    package func page(_ items: [JSONValue], next: (major: Int64, minor: Int64)?) -> Response {
        .json([
            "items": .array(items),
            "next_cursor": next.map { .string(Paging.encode($0, list: endpoint.operationID)) } ?? .null,
        ])
    }
}
