internal import CMicroHTTPD

/// A status code. RFC 9110, section 15.
package struct Status: Sendable, Hashable, ExpressibleByIntegerLiteral, CustomStringConvertible {
    package let code: Int

    /// `code`: 200 to 599.
    package init(_ code: Int) {
        precondition((200...599).contains(code), "\(code) is no final status code")
        self.code = code
    }

    package init(integerLiteral code: Int) {
        self.init(code)
    }

    /// The words after the code: `Not Found`.
    package var reason: String {
        guard let text = unsafe MHD_get_reason_phrase_for(UInt32(code)) else { return "Unknown" }
        return unsafe String(cString: text)
    }

    package var description: String { "\(code)" }

    package static let ok: Status = 200
    package static let created: Status = 201
    package static let accepted: Status = 202
    package static let noContent: Status = 204
    package static let notModified: Status = 304
    package static let badRequest: Status = 400
    package static let notFound: Status = 404
    package static let methodNotAllowed: Status = 405
    package static let requestTimeout: Status = 408
    package static let contentTooLarge: Status = 413
    package static let targetTooLong: Status = 414
    package static let expectationFailed: Status = 417
    package static let headersTooLarge: Status = 431
    package static let internalError: Status = 500
    package static let notImplemented: Status = 501
    package static let unavailable: Status = 503
}
