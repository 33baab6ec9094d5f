//! The elementary functions that are arithmetic alone: beside values computed with mpmath 1.3 at 50 digits, and in `f32`
//! beside the library's functions in `f64`.

use wengert_array::elementary::{exp, ln, ln_1p, sigmoid, tanh};

/// How many numbers of the type lie between two, where equal ones, and two NaN, are 0 apart.
fn distance(a: f64, b: f64) -> u64 {
    let order = |x: f64| {
        let bits = x.to_bits() as i64;
        if bits < 0 { i64::MIN - bits } else { bits }
    };
    if a.is_nan() && b.is_nan() { 0 } else { order(a).abs_diff(order(b)) }
}

/// The same for `f32`.
fn distance_single(a: f32, b: f32) -> u64 {
    let order = |x: f32| {
        let bits = i64::from(x.to_bits() as i32);
        if bits < 0 { i64::from(i32::MIN) - bits } else { bits }
    };
    if a.is_nan() && b.is_nan() { 0 } else { order(a).abs_diff(order(b)) }
}

#[track_caller]
fn check(function: fn(f64) -> f64, table: &[(f64, f64)], most: u64) {
    for &(x, expected) in table {
        let given = function(x);
        assert!(distance(given, expected) <= most, "at {x:e}: {given:e} is not {expected:e}");
    }
}

#[rustfmt::skip]
#[allow(clippy::approx_constant, clippy::excessive_precision)]
const EXP: &[(f64, f64)] = &[
    (0.24580338977940386, 1.2786481535311456),
    (0.4835739785214588, 1.6218605510222017),
    (0.5903871311313933, 1.804686930673911),
    (0.8849005675541006, 2.4227434801985264),
    (0.4797971494798614, 1.615746613906962),
    (0.844649993330834, 2.327163149386905),
    (-0.9419895434327705, 0.3898514369093445),
    (-0.0687546912437893, 0.9335556613696399),
    (0.8867134339966274, 2.427139574114223),
    (0.2979491062738484, 1.3470932275411),
    (0.8018009835012454, 2.229552702471039),
    (-0.7735880706937113, 0.46135472160179325),
    (-39.081711674931285, 1.0642123051894498e-17),
    (-352.5788788386591, 7.53248862895891e-154),
    (66.159050663426, 5.401453368067742e+28),
    (108.683133790694, 1.5866651440998976e+47),
    (-681.5221068692368, 1.0440220991459013e-296),
    (-394.62771114643795, 4.1244177097012697e-172),
    (-306.20934629034554, 1.0350720914458865e-133),
    (591.1306288782496, 5.306036166128798e+256),
    (378.90716134546074, 3.608189396961506e+164),
    (-475.1176647875241, 4.5605784212320385e-207),
    (423.18011092656707, 6.092380601204785e+183),
    (-504.47670747594543, 8.101206350459698e-220),
    (169.99060133675835, 6.698539705195806e+73),
    (-521.4807813366699, 3.340213653239312e-227),
    (-745.0, 5e-324),
    (-740.123, 3.7e-322),
    (-708.5, 2.006132305331306e-308),
    (709.7, 1.6549840276802644e+308),
    (1e-300, 1.0),
    (0.34657359027997264, 1.414213562373095),
    (0.35, 1.4190675485932571),
    (-0.35, 0.7046880897187134),
    (1e-09, 1.000000001),
];

#[rustfmt::skip]
#[allow(clippy::approx_constant, clippy::excessive_precision)]
const LN: &[(f64, f64)] = &[
    (0.502662293303802, -0.6878367194441948),
    (1.807107117086423, 0.5917272888163192),
    (0.8141845737426768, -0.20556818961365403),
    (0.8232217538370984, -0.19452966886745923),
    (1.973631663238888, 0.6798753294965374),
    (1.8086116481552028, 0.592559505729912),
    (0.9339577516203897, -0.06832407558752),
    (1.9422169834251253, 0.6638300955663725),
    (1.308835203306216, 0.26913758389628595),
    (1.5167457158758886, 0.41656706329425947),
    (0.8071692718006893, -0.21422187830770384),
    (1.9114640016319986, 0.6478694414538462),
    (1.5359629116603624, 0.4291574883795082),
    (1.9498464684757932, 0.6677506353609844),
    (4.478491038603418e+242, 558.7248786725085),
    (5.6907850264620965e-124, -283.78170332665354),
    (1.3545962040700026e-85, -195.41622949895074),
    (1.1560460517432858e-205, -471.8849384571745),
    (4.0427265580877756e-218, -500.56663091774936),
    (1.1505982947479777e-267, -614.6499377660189),
    (2.1669404332564974e-122, -280.14206511121137),
    (8.17802447011974e+63, 147.16431147275162),
    (1.2039776229546484e-305, -702.1028226020559),
    (8.50282952356607e+109, 253.12217412957872),
    (6.405748759229803e-100, -228.40131346858868),
    (4.208505857018676e-117, -267.9653481989231),
    (5e-324, -744.4400719213812),
    (1e-310, -713.8013788281542),
    (1.0000000000000002, 2.2204460492503128e-16),
    (0.9999999999999999, -1.1102230246251565e-16),
    (0.7071067811865475, -0.34657359027997275),
    (0.7071067811865476, -0.3465735902799726),
    (1.4142135623730951, 0.3465735902799727),
    (1.7e+308, 709.7268368932282),
];

#[rustfmt::skip]
#[allow(clippy::approx_constant, clippy::excessive_precision)]
const TANH: &[(f64, f64)] = &[
    (0.6370361492941417, 0.5628781224818915),
    (-0.03850962673992209, -0.03849060154438574),
    (-0.3684137883071119, -0.3526034908513714),
    (-0.03756322752627228, -0.037545570303206634),
    (0.4093382682818185, 0.3879106667168082),
    (-0.8859981409284201, -0.709411505140549),
    (0.9501991262884706, 0.7398731866547671),
    (-0.9542688734945586, -0.7417095644010221),
    (0.4995900445825465, 0.4617946876783673),
    (0.6897617787762593, 0.5978289412087807),
    (-0.9638649292429398, -0.7459958731542439),
    (0.5754766079608684, 0.5193699653166629),
    (-0.26763104831627893, -0.2614191479624583),
    (0.15703765811374915, 0.15575937326786876),
    (-19.63686452721886, -1.0),
    (-18.13091525204234, -0.9999999999999997),
    (-12.763220481958086, -0.9999999999835927),
    (18.207195983646656, 0.9999999999999997),
    (-12.139133179479673, -0.9999999999428373),
    (10.22945649805271, 0.9999999973948246),
    (17.186212783900842, 0.9999999999999977),
    (17.68175317710798, 0.9999999999999991),
    (-6.224727477879522, -0.9999921603133699),
    (-5.80827179768351, -0.9999819687722903),
    (1e-300, 1e-300),
    (1e-09, 1e-09),
    (0.17328679513998632, 0.1715728752538099),
    (0.1733, 0.17158569137000115),
    (0.55, 0.5005202111902353),
    (19.0, 0.9999999999999999),
    (-21.9, -1.0),
    (0.02, 0.019997333759930933),
];

#[test]
fn the_exponential_in_f64() {
    check(exp, EXP, 1);
    let special = [(0.0, 1.0), (-0.0, 1.0), (710.0, f64::INFINITY), (f64::INFINITY, f64::INFINITY)];
    check(exp, &special, 0);
    check(exp, &[(-746.0, 0.0), (f64::NEG_INFINITY, 0.0), (f64::NAN, f64::NAN), (1e300, f64::INFINITY)], 0);
}

#[test]
fn the_logarithm_in_f64() {
    check(ln, LN, 1);
    check(ln, &[(1.0, 0.0), (0.0, f64::NEG_INFINITY), (-0.0, f64::NEG_INFINITY), (-1.0, f64::NAN)], 0);
    let infinity = f64::INFINITY;
    check(ln, &[(infinity, infinity), (-infinity, f64::NAN), (f64::NAN, f64::NAN), (-1e-310, f64::NAN)], 0);
}

#[test]
fn the_hyperbolic_tangent_in_f64() {
    check(tanh, TANH, 2);
    let infinity = f64::INFINITY;
    check(tanh, &[(0.0, 0.0), (-0.0, -0.0), (infinity, 1.0), (-infinity, -1.0), (f64::NAN, f64::NAN)], 0);
    check(tanh, &[(5e-324, 5e-324), (-1e-310, -1e-310), (1e300, 1.0)], 0);
}

#[test]
fn many_numbers_in_f64_are_those_of_the_library() {
    // The library's own error is below 1 unit, so that both may be 2 apart.
    for i in 0..400_000 {
        let x = (f64::from(i) / 400_000.0 - 0.5) * 1480.0;
        assert!(distance(exp(x), x.exp()) <= 2, "exp {x:e}: {:e}, {:e}", exp(x), x.exp());
        let small = x / 40.0;
        assert!(distance(tanh(small), small.tanh()) <= 3, "tanh {small:e}: {:e}", tanh(small));
        let positive = f64::from_bits((i as u64).wrapping_mul(0x5d3c_12a9_7f31_0b57) & (u64::MAX >> 1));
        assert!(distance(ln(positive), positive.ln()) <= 2, "ln {positive:e}");
        let near_1 = 1.0 + x / 1e4;
        assert!(distance(ln(near_1), near_1.ln()) <= 2, "ln {near_1:e}");
        assert!(distance(ln_1p(x / 1481.0), (x / 1481.0).ln_1p()) <= 3, "ln_1p {:e}", x / 1481.0);
        assert!(distance(ln_1p(positive), positive.ln_1p()) <= 3, "ln_1p {positive:e}");
        let logistic = 1.0 / (1.0 + (-small).exp());
        assert!(distance(sigmoid(small), logistic) <= 3, "sigmoid {small:e}");
    }
}

type Single = fn(f32) -> f32;
type Case = (&'static str, Single, fn(f64) -> f64);

#[test]
fn numbers_of_all_sizes_in_f32_are_rounded_correctly_but_for_near_ties() {
    let functions: [Case; 4] = [
        ("exp", exp, f64::exp),
        ("ln", ln, f64::ln),
        ("ln_1p", ln_1p, f64::ln_1p),
        ("tanh", tanh, f64::tanh),
    ];
    for (name, function, exact) in functions {
        let mut n_different = 0;
        // An odd step reaches every ending of the bits.
        for bits in (0..=u32::MAX).step_by(1531) {
            let x = f32::from_bits(bits);
            let (given, expected) = (function(x), exact(f64::from(x)) as f32);
            let distance = distance_single(given, expected);
            assert!(distance <= 1, "{name} {x:e}: {given:e} is not {expected:e}");
            n_different += distance;
        }
        assert!(n_different < 2806 * 2, "{name}: {n_different} of 2.8 million are not rounded correctly");
    }
}

#[test]
fn the_logistic_function_in_f32() {
    for bits in (0..=u32::MAX).step_by(1531) {
        let x = f32::from_bits(bits);
        let expected = (1.0 / (1.0 + (-f64::from(x)).exp())) as f32;
        let is_near = distance_single(sigmoid(x), expected) <= 2 || expected < f32::MIN_POSITIVE;
        assert!(is_near, "{x:e}: {:e} is not {expected:e}", sigmoid(x));
    }
}
