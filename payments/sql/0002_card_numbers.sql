-- Whether a text holds something that can be a card's number (ISO/IEC 7812-1): 13 to 19 digits, or
-- groups of them as cards print them, whose last digit is Luhn's (annex B). Runs within a UUID are none.
-- Bodies are parsed here and now, so no search_path can make them mean something else.

CREATE FUNCTION payment_luhn_is_valid(digits text) RETURNS boolean
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN (
        SELECT sum(CASE WHEN place % 2 = 0 THEN digit * 2 - 9 * (digit > 4)::integer ELSE digit END) % 10 = 0
        FROM (SELECT place, substr(reverse(digits), place::integer, 1)::integer AS digit
              FROM generate_series(1, length(digits)) AS place) AS places
    );
COMMENT ON FUNCTION payment_luhn_is_valid(text) IS 'Whether the last of some digits is Luhn''s check digit.';

CREATE FUNCTION payment_has_card_number(value text) RETURNS boolean
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN value ~ '[2-6][0-9]{3}' AND EXISTS (
        SELECT FROM regexp_matches(
            regexp_replace(value,
                '(?<![0-9A-Fa-f])[0-9A-Fa-f]{8}-(?:[0-9A-Fa-f]{4}-){3}[0-9A-Fa-f]{12}(?![0-9A-Fa-f])', '/', 'g'),
            '(?<![0-9])([2-6][0-9]{12,18}'
            '|[2-6][0-9]{3}(?:[ -][0-9]{4}){2}[ -][0-9]{1,4}(?:[ -][0-9]{1,3})?'
            '|3[47][0-9]{2}[ -][0-9]{6}[ -][0-9]{5})(?![0-9])', 'g') AS run
        WHERE payment_luhn_is_valid(regexp_replace(run[1], '[^0-9]', '', 'g'))
    );
COMMENT ON FUNCTION payment_has_card_number(text) IS 'Whether a text holds what can be the number of a payment card.';

REVOKE ALL ON FUNCTION payment_luhn_is_valid(text), payment_has_card_number(text) FROM PUBLIC;
