internal import JSON

/// Which files of a tenant's folder are meant: `people-*.csv`, `hr/2026-??/*.xlsx`.
///
/// `*` stands for any characters of one part, `?` for one, `[a-z]` for one of these, `[!a-z]` for one that is none of them;
/// each within its part of the path. Capitals count. What begins with a dot is meant only by a part that does. glob(7).
package struct PathPattern: Sendable, Equatable {
    package let text: String
    /// Of the folders, then of the file.
    let parts: [Part]

    /// Where files that were imported lie, and none is taken from.
    package static let archive = "archive"
    /// What the name of a manifest ends with.
    package static let manifest = ".manifest"

    /// What a file is called while it is on its way: the usual names of SFTP servers, browsers and copying programs.
    private static let unfinished = [".part", ".partial", ".filepart", ".tmp", ".temp", ".crdownload", ".swp", "~"]

    package init(_ text: String) throws(Problem) {
        guard !text.isEmpty, text.utf8.count <= 1_024 else { throw Problem("must have 1 to 1,024 bytes") }
        guard !text.unicodeScalars.contains(where: { $0.properties.generalCategory == .control }) else {
            throw Problem("holds a control character")
        }
        guard !text.contains("\\") else { throw Problem("holds a backslash: folders are parted by /") }
        guard !text.hasPrefix("/") else {
            throw Problem("begins with /: it is meant inside the tenant's own folder, as in people-*.csv")
        }
        var parts: [Part] = []
        for part in text.split(separator: "/", omittingEmptySubsequences: false) {
            guard part != ".." else { throw Problem("leads out of the tenant's own folder (..)") }
            guard !part.isEmpty, part != "." else { throw Problem("has an empty part, or a single dot") }
            guard !part.holds("**") else { throw Problem("holds **: name the folders one by one, as in */*.csv") }
            parts.append(try Part(part))
        }
        guard parts.count == 1 || parts[0].literal != Self.archive else {
            throw Problem("is in \(Self.archive)/, where files lie that were imported: none is taken from there")
        }
        self.text = text
        self.parts = parts
    }

    package struct Problem: Error, Equatable, CustomStringConvertible {
        /// As what follows a field's name: `begins with /`.
        package let description: String

        init(_ description: String) {
            self.description = description
        }
    }

    /// Whether a file in the folder itself is meant.
    package func matches(name: String) -> Bool { parts.count == 1 && parts[0].matches(name) }

    /// Whether a file is still on its way, by its name.
    static func isUnfinished(_ name: String) -> Bool {
        let lower = name.lowercased()
        return unfinished.contains { lower.hasSuffix($0) }
    }

    /// One part of the path.
    struct Part: Sendable, Equatable {
        private enum Piece: Equatable {
            case scalar(Unicode.Scalar)
            case one
            case any
            case set([ClosedRange<Unicode.Scalar>], isExcluded: Bool)
        }

        private let pieces: [Piece]

        fileprivate init(_ text: Substring) throws(Problem) {
            var pieces: [Piece] = []
            var rest = text.unicodeScalars[...]
            while let scalar = rest.popFirst() {
                switch scalar {
                case "*": if pieces.last != .any { pieces.append(.any) }
                case "?": pieces.append(.one)
                case "[": pieces.append(try Self.set(&rest))
                default: pieces.append(.scalar(scalar))
                }
            }
            self.pieces = pieces
        }

        /// Behind the opening bracket: a closing one that comes first stands for itself.
        private static func set(_ rest: inout Substring.UnicodeScalarView) throws(Problem) -> Piece {
            let isExcluded = rest.first == "!" || rest.first == "^"
            if isExcluded { rest.removeFirst() }
            var ranges: [ClosedRange<Unicode.Scalar>] = []
            while let first = rest.popFirst() {
                if first == "]", !ranges.isEmpty { return .set(ranges, isExcluded: isExcluded) }
                var last = first
                if rest.first == "-", let end = rest.dropFirst().first, end != "]" {
                    rest.removeFirst(2)
                    last = end
                }
                guard first <= last else { throw Problem("has a range that ends before it begins: [\(first)-\(last)]") }
                ranges.append(first...last)
            }
            throw Problem("has a [ that no ] closes")
        }

        /// The name itself, where it stands for no other.
        var literal: String? {
            var text = ""
            for piece in pieces {
                guard case .scalar(let scalar) = piece else { return nil }
                text.unicodeScalars.append(scalar)
            }
            return text
        }

        func matches(_ name: String) -> Bool {
            let scalars = Array(name.unicodeScalars)
            if scalars.first == ".", pieces.first != .scalar(".") { return false }
            var (piece, scalar) = (0, 0)
            // Where the last * stands, and how far it has reached: only it needs to be tried again.
            var star: (piece: Int, scalar: Int)?
            while scalar < scalars.count {
                if piece < pieces.count, pieces[piece] == .any {
                    star = (piece, scalar)
                    piece += 1
                } else if piece < pieces.count, Self.matches(pieces[piece], scalars[scalar]) {
                    piece += 1
                    scalar += 1
                } else if let last = star {
                    star = (last.piece, last.scalar + 1)
                    (piece, scalar) = (last.piece + 1, last.scalar + 1)
                } else {
                    return false
                }
            }
            return pieces[piece...].allSatisfy { $0 == .any }
        }

        private static func matches(_ piece: Piece, _ scalar: Unicode.Scalar) -> Bool {
            switch piece {
            case .scalar(let own): own == scalar
            case .one, .any: true
            case .set(let ranges, let isExcluded): ranges.contains { $0.contains(scalar) } != isExcluded
            }
        }
    }
}
