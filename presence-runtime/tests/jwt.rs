//! JSON Web Tokens: who is let in, and who tries.

use std::fs;
use std::time::Duration;

use data_encoding::BASE64URL_NOPAD;
use http::HeaderMap;
use jsonwebtoken::{Algorithm, EncodingKey, Header, encode, get_current_timestamp};
use presence_runtime::access::{
    Authenticate, Credentials, Identity, Jwt, JwtBuilder, JwtError, JwtKey, Kind, Unauthenticated,
};
use serde_json::{Value as Json, json};

const SECRET: &[u8] = b"0123456789abcdef0123456789abcdef";

fn pem(name: &str) -> Vec<u8> {
    let path = format!("{}/tests/keys/{name}.pem", env!("CARGO_MANIFEST_DIR"));
    fs::read(path).expect("a key")
}

fn now() -> u64 {
    get_current_timestamp()
}

/// Ann's claims for the next minute, with these over them.
fn claims(more: &Json) -> Json {
    let mut claims = json!({"sub": "ann", "exp": now() + 60});
    let all = claims.as_object_mut().expect("an object");
    for (name, value) in more.as_object().expect("an object") {
        all.insert(name.clone(), value.clone());
    }
    all.retain(|_, value| !value.is_null());
    claims
}

fn signed(header: &Header, claims: &Json, key: &EncodingKey) -> String {
    encode(header, claims, key).expect("a token")
}

/// A token of Ann with these claims, signed with the shared secret.
fn token(more: &Json) -> String {
    let key = EncodingKey::from_secret(SECRET);
    signed(&Header::new(Algorithm::HS256), &claims(more), &key)
}

async fn shown(jwt: &Jwt, token: &str) -> Result<Identity, Unauthenticated> {
    let mut headers = HeaderMap::new();
    let line = format!("Bearer {token}").parse().expect("a header");
    headers.insert("authorization", line);
    jwt.authenticate(Credentials::of(headers)).await
}

fn shared() -> JwtBuilder {
    Jwt::builder().key(JwtKey::hs256(SECRET).expect("a secret"))
}

fn jwt() -> Jwt {
    shared().build().expect("a key")
}

/// Each algorithm with a key of ours, one of somebody else, and the public half of ours.
fn algorithms() -> [(Algorithm, EncodingKey, EncodingKey, JwtKey); 4] {
    let rsa = |n| EncodingKey::from_rsa_pem(&pem(n)).expect("a key");
    let ec = |n| EncodingKey::from_ec_pem(&pem(n)).expect("a key");
    let ed = |n| EncodingKey::from_ed_pem(&pem(n)).expect("a key");
    let secret = EncodingKey::from_secret;
    [
        (
            Algorithm::HS256,
            secret(SECRET),
            secret(&[7; 32]),
            JwtKey::hs256(SECRET).expect("a secret"),
        ),
        (
            Algorithm::RS256,
            rsa("rsa1"),
            rsa("rsa2"),
            JwtKey::rs256(&pem("rsa1.pub")).expect("a key"),
        ),
        (
            Algorithm::ES256,
            ec("ec1"),
            ec("ec2"),
            JwtKey::es256(&pem("ec1.pub")).expect("a key"),
        ),
        (
            Algorithm::EdDSA,
            ed("ed1"),
            ed("ed2"),
            JwtKey::eddsa(&pem("ed1.pub")).expect("a key"),
        ),
    ]
}

#[tokio::test]
async fn each_algorithm_takes_its_own_key_only() {
    for (algorithm, ours, theirs, public) in algorithms() {
        let jwt = Jwt::builder().key(public).build().expect("a key");
        let good = signed(&Header::new(algorithm), &claims(&json!({})), &ours);
        let who = shown(&jwt, &good).await.expect("ann");
        assert_eq!(who.user.as_ref().map(|it| it.as_str()), Some("ann"));
        let forged = signed(&Header::new(algorithm), &claims(&json!({})), &theirs);
        let refused = Unauthenticated::Invalid("the signature is wrong");
        assert_eq!(shown(&jwt, &forged).await, Err(refused), "{algorithm:?}");
        // Signed well, for another algorithm than the key is for.
        for (other, key, ..) in algorithms() {
            if other != algorithm {
                let swapped = signed(&Header::new(other), &claims(&json!({})), &key);
                assert!(
                    shown(&jwt, &swapped).await.is_err(),
                    "{other:?} for {algorithm:?}"
                );
            }
        }
    }
}

#[tokio::test]
async fn a_token_does_not_choose_how_it_is_checked() {
    let part = |json: &Json| BASE64URL_NOPAD.encode(json.to_string().as_bytes());
    let body = part(&claims(&json!({"sub": "root"})));
    for alg in ["none", "None", "NONE", "nOnE", "", "HS257"] {
        let head = part(&json!({"alg": alg, "typ": "JWT"}));
        for token in [
            format!("{head}.{body}."),
            format!("{head}.{body}"),
            format!("{head}.{body}.AA"),
        ] {
            assert!(shown(&jwt(), &token).await.is_err(), "{alg} {token}");
        }
    }
    // The public key is public: as a secret it proves nothing.
    let public = pem("rsa1.pub");
    let key = EncodingKey::from_secret(&public);
    let confused = signed(&Header::new(Algorithm::HS256), &claims(&json!({})), &key);
    let rsa = Jwt::builder()
        .key(JwtKey::rs256(&public).expect("a key"))
        .build();
    assert!(shown(&rsa.expect("a key"), &confused).await.is_err());
    // Nor does a key that a token brings along, or one it says where to find.
    for more in [
        json!({"jwk": {"kty": "oct", "k": BASE64URL_NOPAD.encode(&[7; 32])}}),
        json!({"jku": "http://127.0.0.1:1/keys"}),
        json!({"crit": ["exp"]}),
    ] {
        let mut head = json!({"alg": "HS256"});
        let all = head.as_object_mut().expect("an object");
        all.extend(more.as_object().expect("an object").clone());
        let theirs = EncodingKey::from_secret(&[7; 32]);
        let header: Header = serde_json::from_value(head).expect("a header");
        let forged = signed(&header, &claims(&json!({})), &theirs);
        assert!(shown(&jwt(), &forged).await.is_err(), "{more}");
    }
    // What is signed may not be understood halfway.
    let mut header = Header::new(Algorithm::HS256);
    header.crit = Some(vec!["b64".to_owned()]);
    let critical = signed(
        &header,
        &claims(&json!({})),
        &EncodingKey::from_secret(SECRET),
    );
    let refused = shown(&jwt(), &critical).await.expect_err("not understood");
    assert!(refused.to_string().contains("crit"), "{refused}");
}

#[tokio::test]
async fn times_are_kept_within_the_leeway() {
    let jwt = shared()
        .leeway(Duration::from_secs(10))
        .build()
        .expect("a key");
    for (more, expected) in [
        (json!({"exp": now() - 5}), Ok(())),
        (json!({"exp": now() - 15}), Err("expired")),
        (json!({"exp": null}), Err("missing")),
        (json!({"exp": "soon"}), Err("missing")),
        (json!({"nbf": now() + 5}), Ok(())),
        (json!({"nbf": now() + 15}), Err("not valid yet")),
        (json!({"nbf": "later"}), Err("no number")),
    ] {
        let found = shown(&jwt, &token(&more)).await.map(|_| ());
        match (&found, expected) {
            (Ok(()), Ok(())) => {}
            (Err(why), Err(text)) if why.to_string().contains(text) => {}
            _ => panic!("{more}: {found:?}"),
        }
    }
    let expired = shown(&jwt, &token(&json!({"exp": 1}))).await;
    assert_eq!(expired, Err(Unauthenticated::Expired));
    // How long it holds is known from then on, without a clock on the wall.
    let who = shown(&jwt, &token(&json!({"exp": now() + 100})))
        .await
        .expect("ann");
    let left = who.expires_in.expect("a time").as_secs();
    assert!((108..=110).contains(&left), "{left}");
    let who = shown(&jwt, &token(&json!({"exp": u64::MAX})))
        .await
        .expect("ann");
    assert!(who.expires_in.expect("a time") > Duration::from_secs(1_000_000_000));
}

#[tokio::test]
async fn issuer_and_audience_are_those_configured() {
    let strict = shared()
        .issuer("us")
        .issuer("them")
        .audience("presence")
        .build();
    let strict = strict.expect("a key");
    for (more, good) in [
        (json!({"iss": "us", "aud": "presence"}), true),
        (json!({"iss": "them", "aud": ["mail", "presence"]}), true),
        (json!({"iss": "others", "aud": "presence"}), false),
        (json!({"iss": "us", "aud": "mail"}), false),
        (json!({"iss": "us", "aud": []}), false),
        (json!({"aud": "presence"}), false),
        (json!({"iss": "us"}), false),
        (json!({"iss": ["others"], "aud": "presence"}), false),
        (json!({"iss": 1, "aud": "presence"}), false),
        (json!({"iss": "us", "aud": 1}), false),
    ] {
        assert_eq!(shown(&strict, &token(&more)).await.is_ok(), good, "{more}");
    }
    // What is meant for somebody else is not for whoever did not say who they are.
    assert!(
        shown(&jwt(), &token(&json!({"aud": "mail"})))
            .await
            .is_err()
    );
    assert!(
        shown(&jwt(), &token(&json!({"iss": "anybody"})))
            .await
            .is_ok()
    );
}

#[tokio::test]
async fn the_claims_say_who_it_is_and_what_else_is_known() {
    let more = json!({"kind": "agent", "boards": ["1"], "role": "editor", "user": "root", "iat": 1, "jti": "x"});
    let who = shown(&jwt(), &token(&more)).await.expect("ann");
    assert_eq!((who.kind, who.has("boards", "1")), (Kind::Agent, true));
    let names: Vec<_> = who.claims.names().collect();
    assert_eq!(names, ["boards", "kind", "role", "user"]);
    assert!(who.has("user", "ann") && who.has("kind", "agent"));
    for (more, text) in [
        (json!({"sub": null}), "missing"),
        (json!({"sub": 7}), "missing"),
        (json!({"sub": "an/n"}), "no user"),
        (json!({"sub": "a".repeat(129)}), "no user"),
        (json!({"kind": "admin"}), "kind"),
        (json!({"kind": 1}), "kind"),
    ] {
        let refused = shown(&jwt(), &token(&more)).await.expect_err("refused");
        assert!(refused.to_string().contains(text), "{more}: {refused}");
    }
}

#[tokio::test]
async fn what_is_no_token_is_refused_and_never_repeated() {
    let good = token(&json!({}));
    let (head, rest) = good.split_once('.').expect("three parts");
    let (body, signature) = rest.split_once('.').expect("three parts");
    let other = BASE64URL_NOPAD.encode(claims(&json!({"sub": "root"})).to_string().as_bytes());
    let deep = BASE64URL_NOPAD.encode("[".repeat(2_000).as_bytes());
    for bad in [
        "secret".to_owned(),
        "secret.secret.secret".to_owned(),
        "..".to_owned(),
        format!("{head}.{other}.{signature}"),
        format!("{head}.{body}.{}", &signature[1..]),
        format!("{head}.{body}.{signature}A"),
        format!("{head}.{body}.{signature}.{signature}"),
        format!("{deep}.{deep}.{deep}"),
        format!("{good}{}", "A".repeat(9_000)),
    ] {
        let refused = shown(&jwt(), &bad).await.expect_err("refused");
        let said = format!("{refused} {refused:?}");
        assert!(
            !said.contains("secret") && !said.contains("root") && said.len() < 200,
            "{said}"
        );
    }
    let nothing = jwt().authenticate(Credentials::default()).await;
    assert_eq!(nothing, Err(Unauthenticated::Missing));
    assert!(!format!("{:?}", jwt()).contains("0123456789"));
}

#[tokio::test]
async fn while_keys_are_replaced_both_hold() {
    let old = JwtKey::hs256(SECRET).expect("a secret").with_id("old");
    let new = JwtKey::es256(&pem("ec1.pub"))
        .expect("a key")
        .with_id("new");
    let both = Jwt::builder().key(old).key(new).build().expect("keys");
    let ec = EncodingKey::from_ec_pem(&pem("ec1")).expect("a key");
    let secret = EncodingKey::from_secret(SECRET);
    for (id, algorithm, key, good) in [
        (Some("old"), Algorithm::HS256, &secret, true),
        (Some("new"), Algorithm::ES256, &ec, true),
        (Some("new"), Algorithm::HS256, &secret, false),
        (Some("old"), Algorithm::ES256, &ec, false),
        (Some("other"), Algorithm::HS256, &secret, false),
        (None, Algorithm::HS256, &secret, false),
    ] {
        let mut header = Header::new(algorithm);
        header.kid = id.map(str::to_owned);
        let token = signed(&header, &claims(&json!({})), key);
        assert_eq!(
            shown(&both, &token).await.is_ok(),
            good,
            "{id:?} {algorithm:?}"
        );
    }
}

#[test]
fn a_mistake_in_the_keys_is_told_at_the_start() {
    assert_eq!(JwtKey::hs256(&[7; 31]).err(), Some(JwtError::Secret(31)));
    assert!(JwtKey::rs256(&pem("ec1.pub")).is_err());
    assert!(JwtKey::es256(&pem("ed1.pub")).is_err());
    assert!(JwtKey::eddsa(&pem("rsa1.pub")).is_err());
    assert_eq!(
        JwtKey::es256(b"nonsense").expect_err("no key").to_string(),
        "this is no public key on P-256 in PEM"
    );
    assert_eq!(Jwt::builder().build().err(), Some(JwtError::NoKey));
    let key = || JwtKey::hs256(SECRET).expect("a secret");
    for keys in [
        [key(), key()],
        [key().with_id("a"), key()],
        [key().with_id("a"), key().with_id("a")],
    ] {
        let [first, second] = keys;
        let built = Jwt::builder().key(first).key(second).build();
        assert_eq!(built.err(), Some(JwtError::KeyIds));
    }
}
