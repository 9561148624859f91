/// Why a record can't be read, and where in the window.
struct JSONFault: Error, Equatable {
    var kind: Kind
    /// In the window.
    var position: Int

    enum Kind: Equatable {
        /// The stretch ends inside the record: no fault while more of the file may follow.
        case end
        /// The record is longer than any may be.
        case tooLong
        // What breaks the text's structure: in an array nothing behind it can be told apart.
        case syntax
        case number
        case literal
        case escape
        case controlCharacter
        case tooDeep
        // What spoils one record only.
        case noObject
        case duplicateName
        case tooManyMembers
        case loneSurrogate
        case zeroCharacter
        case notUTF8
        /// Something follows the record on its line.
        case trailing
    }

    var code: String {
        switch kind {
        case .end: "unexpected_end"
        case .tooLong: "record_too_large"
        case .syntax, .literal: "syntax"
        case .number: "number"
        case .escape: "escape"
        case .controlCharacter: "control_character"
        case .tooDeep: "too_deep"
        case .noObject: "no_object"
        case .duplicateName: "duplicate_name"
        case .tooManyMembers: "too_many_members"
        case .loneSurrogate: "lone_surrogate"
        case .zeroCharacter: "nul_byte"
        case .notUTF8: "not_utf8"
        case .trailing: "trailing_content"
        }
    }

    /// What is wrong and what to do, to stand behind a place.
    var reason: String {
        switch kind {
        case .end: "the text ends inside a value; the file may be cut"
        case .tooLong: "it is longer than max_record_bytes"
        case .syntax: "a character stands where JSON has none; check brackets, commas and quotes"
        case .number: "a number is not written as JSON asks; leading zeros and a bare point are not allowed"
        case .literal: "only true, false and null stand without quotes"
        case .escape: "a string has an escape that JSON does not have; double the backslash if it is meant"
        case .controlCharacter: "a string has a control character or line end; write it as an escape"
        case .tooDeep: "objects and arrays are nested more than \(JSONRecordScanner.depth) deep"
        case .noObject: "a record must be an object"
        case .duplicateName: "a name is repeated in its object; which value is meant can't be told"
        case .tooManyMembers: "an object has more than \(SeenNames.most) members that are no columns"
        case .loneSurrogate: "a \\u escape is half of a surrogate pair; write both halves or the character"
        case .zeroCharacter: "a name or value holds the zero character, which no text has; remove it"
        case .notUTF8: "it is not UTF-8; save the file as JSON in UTF-8"
        case .trailing: "something follows the record; write one record a line"
        }
    }
}
