internal import Crypto
package import HTTPServer

/// Tells one state of a resource from another: RFC 9110, section 8.8.3.
///
/// `"7-4f2a…"`: the version that a change must name, then the content's hash, since an answer also tells things that are
/// not the resource's own version (its last run). `If-Match` looks at the version, `If-None-Match` at the whole.
enum EntityTag {
    static func of(_ bytes: [UInt8], version: Int64?) -> String {
        let hash = SHA256.hash(bytes).hex.prefix(16)
        return version.map { "\"\($0)-\(hash)\"" } ?? "\"\(hash)\""
    }

    /// `tags`: of `If-Match`; a star matches. A proxy that compresses makes tags weak: that is all right,
    /// as the version is compared and not the bytes.
    static func matches(_ tags: [Substring], version: Int64) -> Bool {
        tags.contains { $0 == "*" || opaque($0).map { $0.prefix { $0 != "-" } == "\(version)" } ?? false }
    }

    /// `tags`: of `If-None-Match`. Compared weakly: section 13.1.2.
    static func matches(_ tags: [Substring], tag: String) -> Bool {
        tags.contains { $0 == "*" || opaque($0) == opaque(tag[...]) }
    }

    /// Between the quotes; nil for what is no tag.
    private static func opaque(_ tag: Substring) -> Substring? {
        let tag = tag.hasPrefix("W/") ? tag.dropFirst(2) : tag
        guard tag.count >= 2, tag.first == "\"", tag.last == "\"" else { return nil }
        return tag.dropFirst().dropLast()
    }
}

extension Response {
    /// The same with an `ETag`: of this version of a resource, or of the content alone.
    package func tagged(version: Int64? = nil) -> Response {
        guard case .bytes(let bytes) = body else { return self }
        var response = self
        response.headers["ETag"] = EntityTag.of(bytes, version: version)
        return response
    }

    /// 304 where the client has exactly this already.
    func unless(_ request: Request) -> Response {
        guard request.method == .get || request.method == .head, status == .ok, let tag = headers["ETag"],
            EntityTag.matches(request.headers.list("If-None-Match"), tag: tag)
        else { return self }
        var response = self
        response.status = .notModified
        return response
    }

    /// A resource that was made: 201, or 202 where it is still to be done.
    package func located(_ path: String, _ status: Status = .created) -> Response {
        var response = self
        response.status = status
        response.headers["Location"] = API.base + path
        return response
    }
}
